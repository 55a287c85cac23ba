/// Turns pieces of UTF-8 into ids.
///
/// ASCII characters (bytes, for `TextUnit.byte`) are their own ids, so that the ids of plain text are its bytes;
/// everything else is numbered as it first appears. `finish` renames them where that saves memory.
final class UnitBuilder {
    let unit: TextUnit
    let storage: IdStorage
    private(set) var table = UnitTable()
    private let scalars = ScalarIndex()
    /// Grapheme clusters of several scalars, by their exact bytes: a String would take canonical equivalents for one.
    private var clusters: [[UInt8]: Int] = [:]
    private var graphemes = GraphemeSplitter()

    init(unit: TextUnit) throws(TextError) {
        self.unit = unit
        storage = try IdStorage()
        for byte in UInt8.min...(unit == .byte ? .max : 0x7f) { table.append(CollectionOfOne(byte)) }
    }

    /// Adds valid UTF-8 that begins and ends between scalars (any bytes for `TextUnit.byte`).
    func append(_ text: UnsafeBufferPointer<UInt8>) throws(TextError) {
        switch unit {
        case .byte:
            try storage.reserve(text.count)
            guard let base = text.baseAddress else { return }
            (storage.pointer(as: UInt8.self) + storage.count).update(from: base, count: text.count)
            storage.advance(to: storage.count + text.count)
        case .scalar:
            try appendScalars(text)
        case .grapheme:
            try graphemes.split(text) { (piece) throws(TextError) in try append(piece) }
        }
    }

    /// Says that no grapheme cluster goes on beyond here.
    func endFile() throws(TextError) {
        try graphemes.finish { (piece) throws(TextError) in try append(piece) }
    }

    /// Forgets what was added since there were `count` units. Units met only there keep a place in the table.
    func discard(from count: Int) {
        graphemes = GraphemeSplitter()
        storage.truncate(to: count)
    }

    /// The ids and their table, in the smallest width that holds the units in use.
    func finish() -> (ids: IdStorage, table: UnitTable) {
        if storage.width != .one {
            let counts = storage.counts(in: 0..<storage.count, idCount: table.count)
            let used = counts.indices.filter { counts[$0] > 0 }
            if IdStorage.Width.holding(ids: used.count).rawValue < storage.width.rawValue {
                var map = [UInt32](repeating: 0, count: table.count)
                var smaller = UnitTable()
                for (new, old) in used.enumerated() {
                    map[old] = UInt32(new)
                    smaller.append(table[old])
                }
                storage.narrow(newCount: used.count, map: map)
                table = smaller
            }
        }
        storage.trim()
        return (storage, table)
    }

    // MARK: Scalars

    private func appendScalars(_ text: UnsafeBufferPointer<UInt8>) throws(TextError) {
        try storage.reserve(text.count)
        var done = 0
        while done < text.count {
            switch storage.width {
            case .one: done = decode(text, from: done, as: UInt8.self)
            case .two: done = decode(text, from: done, as: UInt16.self)
            case .four: done = decode(text, from: done, as: UInt32.self)
            }
            guard done < text.count else { break }
            try storage.widen()
            try storage.reserve(text.count - done)
        }
    }

    /// Decodes until the end, or until an id that `ID` cannot hold; returns the place it came to.
    private func decode<ID: FixedWidthInteger & UnsignedInteger & SIMDScalar>(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, as type: ID.Type
    ) -> Int {
        guard let bytes = text.baseAddress else { return 0 }
        let raw = UnsafeRawPointer(bytes)
        let count = text.count
        var out = storage.pointer(as: ID.self) + storage.count
        var i = start
        let pageStart = scalars.pageStart
        var pages = scalars.pages
        defer { storage.advance(to: out - storage.pointer(as: ID.self)) }
        while i < count {
            // All sixteen are written: what was not ASCII is written over.
            while i + 16 <= count {
                let sixteen = raw.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self)
                UnsafeMutableRawPointer(out).storeBytes(
                    of: SIMD16<ID>(truncatingIfNeeded: sixteen), as: SIMD16<ID>.self)
                let ascii = UTF8Validation.leadingASCII(raw + i)
                if ascii < 16 {
                    i += ascii
                    out += ascii
                    break
                }
                i += 16
                out += 16
            }
            while i < count && bytes[i] < 0x80 {
                out.pointee = ID(truncatingIfNeeded: bytes[i])
                out += 1
                i += 1
            }
            while i < count && bytes[i] >= 0x80 {
                let (scalar, length) = Self.scalar(bytes + i)
                var id = pages[Int(pageStart[Int(scalar >> 8)]) + Int(scalar & 0xff)]
                if id == 0 {
                    id = UInt32(table.count)
                    table.append(UnsafeBufferPointer(start: bytes + i, count: length))
                    scalars.set(scalar, to: id)
                    pages = scalars.pages
                }
                if UInt64(id) > UInt64(ID.max) { return i }
                out.pointee = ID(truncatingIfNeeded: id)
                out += 1
                i += length
            }
        }
        return i
    }

    /// The scalar above ASCII that begins at `bytes`, and its length.
    @inline(__always)
    static func scalar(_ bytes: UnsafePointer<UInt8>) -> (UInt32, Int) {
        let lead = UInt32(bytes[0])
        let second = UInt32(bytes[1] & 0x3f)
        if lead < 0xe0 { return ((lead & 0x1f) << 6 | second, 2) }
        let third = UInt32(bytes[2] & 0x3f)
        if lead < 0xf0 { return ((lead & 0x0f) << 12 | second << 6 | third, 3) }
        return ((lead & 0x07) << 18 | second << 12 | third << 6 | UInt32(bytes[3] & 0x3f), 4)
    }

    // MARK: Grapheme clusters

    private func append(_ piece: GraphemeSplitter.Piece) throws(TextError) {
        switch piece {
        case .scalars(let text): try appendScalars(text)
        case .cluster(let text): try appendCluster(text)
        }
    }

    private func appendCluster(_ cluster: UnsafeBufferPointer<UInt8>) throws(TextError) {
        guard let bytes = cluster.baseAddress else { return }
        if cluster.count == 1 { return try storage.append(Int(bytes[0])) }
        if bytes[0] >= 0x80 {
            let (scalar, length) = Self.scalar(bytes)
            if length == cluster.count {
                var id = Int(scalars.id(of: scalar))
                if id == 0 {
                    id = table.count
                    table.append(cluster)
                    scalars.set(scalar, to: UInt32(id))
                }
                return try storage.append(id)
            }
        }
        let key = Array(cluster)
        let id = clusters[key] ?? table.count
        if id == table.count {
            table.append(key)
            clusters[key] = id
        }
        try storage.append(id)
    }
}

/// The id of every Unicode scalar above ASCII that was met: two table look-ups a scalar.
///
/// 17 KB, and 1 KB for every block of 256 scalars in use.
final class ScalarIndex {
    private static let pageCount = 0x110000 >> 8

    /// Where the page of a block begins in `pages`; page 0 is empty and stands for all that were never used.
    let pageStart: UnsafeMutablePointer<Int32>
    /// Ids; 0 means none (the ids of ASCII are not kept here).
    private(set) var pages: UnsafeMutablePointer<UInt32>
    private var pagesInUse = 1

    init() {
        pageStart = .allocate(capacity: Self.pageCount)
        pageStart.initialize(repeating: 0, count: Self.pageCount)
        pages = .allocate(capacity: 256)
        pages.initialize(repeating: 0, count: 256)
    }

    deinit {
        pageStart.deallocate()
        pages.deallocate()
    }

    func id(of scalar: UInt32) -> UInt32 {
        pages[Int(pageStart[Int(scalar >> 8)]) + Int(scalar & 0xff)]
    }

    /// Gives a scalar its id. May move `pages`.
    func set(_ scalar: UInt32, to id: UInt32) {
        let block = Int(scalar >> 8)
        if pageStart[block] == 0 {
            let grown = UnsafeMutablePointer<UInt32>.allocate(capacity: 256 * (pagesInUse + 1))
            grown.moveInitialize(from: pages, count: 256 * pagesInUse)
            (grown + 256 * pagesInUse).initialize(repeating: 0, count: 256)
            pages.deallocate()
            pages = grown
            pageStart[block] = Int32(256 * pagesInUse)
            pagesInUse += 1
        }
        pages[Int(pageStart[block]) + Int(scalar & 0xff)] = id
    }
}
