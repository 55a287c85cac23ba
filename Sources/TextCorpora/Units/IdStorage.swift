import Dispatch
import Requirements

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Ids in one piece of memory, each in 1, 2 or 4 bytes.
///
/// Grown by `realloc`, which moves large pieces by their page tables: memory in use is that of the ids, without the
/// doubling of an array that grows. Written by one builder, and never again once a corpus holds it: hence Sendable.
package final class IdStorage: @unchecked Sendable {
    package enum Width: Int, Sendable {
        case one = 1
        case two = 2
        case four = 4

        var largestId: Int {
            switch self {
            case .one: Int(UInt8.max)
            case .two: Int(UInt16.max)
            case .four: Int(UInt32.max)
            }
        }

        static func holding(ids count: Int) -> Width {
            count <= 1 << 8 ? .one : count <= 1 << 16 ? .two : .four
        }
    }

    package private(set) var width = Width.one
    package private(set) var count = 0
    private var capacity = 0
    private var memory: UnsafeMutableRawPointer
    private var toucher = MemoryToucher()

    package init() throws(TextError) {
        guard let first = malloc(64) else { throw .outOfMemory(bytes: 64) }
        memory = first
        capacity = 64
    }

    deinit {
        toucher.wait()
        free(memory)
    }

    package func pointer<ID: FixedWidthInteger>(as type: ID.Type) -> UnsafeMutablePointer<ID> {
        require(
            MemoryLayout<ID>.size == width.rawValue, "ids are \(width.rawValue) bytes wide, not those of \(ID.self)")
        return memory.assumingMemoryBound(to: ID.self)
    }

    package subscript(position: Int) -> Int {
        require(position >= 0 && position < count, "position \(position) outside 0..<\(count)")
        switch width {
        case .one: return Int(memory.load(fromByteOffset: position, as: UInt8.self))
        case .two: return Int(memory.load(fromByteOffset: 2 * position, as: UInt16.self))
        case .four: return Int(memory.load(fromByteOffset: 4 * position, as: UInt32.self))
        }
    }

    /// Whether two ranges hold the same ids. Cost: up to the first difference.
    func isEqual(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        one.count == other.count
            && memcmp(
                memory + one.lowerBound * width.rawValue, memory + other.lowerBound * width.rawValue,
                one.count * width.rawValue) == 0
    }

    // MARK: Building

    /// Makes room for `more` ids beyond `count`.
    func reserve(_ more: Int) throws(TextError) {
        let needed = (count + more) * width.rawValue
        // Untouched pages cost nothing, so there is no harm in asking for half as much again.
        if needed > capacity { try resize(toBytes: max(needed, capacity + capacity / 2)) }
        toucher.touch(memory, used: count * width.rawValue, capacity: capacity)
    }

    /// Counts ids that were written behind `count`.
    func advance(to newCount: Int) {
        require(newCount * width.rawValue <= capacity, "\(newCount) ids in \(capacity) bytes")
        count = newCount
    }

    /// Forgets the ids from `newCount` on.
    func truncate(to newCount: Int) {
        require(newCount >= 0 && newCount <= count, "\(newCount) of \(count) ids")
        count = newCount
    }

    func append(_ id: Int) throws(TextError) {
        if id > width.largestId { try widen() }
        try reserve(1)
        switch width {
        case .one: memory.storeBytes(of: UInt8(id), toByteOffset: count, as: UInt8.self)
        case .two: memory.storeBytes(of: UInt16(id), toByteOffset: 2 * count, as: UInt16.self)
        case .four: memory.storeBytes(of: UInt32(id), toByteOffset: 4 * count, as: UInt32.self)
        }
        count += 1
    }

    /// Doubles the width, in place, from the end backwards.
    func widen() throws(TextError) {
        try resize(toBytes: max(capacity, 2 * count * width.rawValue))
        switch width {
        case .one:
            convert(from: UInt8.self, to: UInt16.self, backwards: true) { UInt16($0) }
            width = .two
        case .two:
            convert(from: UInt16.self, to: UInt32.self, backwards: true) { UInt32($0) }
            width = .four
        case .four:
            fatalError("ids above \(width.largestId)")
        }
    }

    /// Renames the ids of wide storage so that `newCount` of them fit fewer bytes, in place.
    func narrow(newCount: Int, map: [UInt32]) {
        switch (width, Width.holding(ids: newCount)) {
        case (.two, .one): convert(from: UInt16.self, to: UInt8.self, backwards: false) { UInt8(map[Int($0)]) }
        case (.four, .one): convert(from: UInt32.self, to: UInt8.self, backwards: false) { UInt8(map[Int($0)]) }
        case (.four, .two): convert(from: UInt32.self, to: UInt16.self, backwards: false) { UInt16(map[Int($0)]) }
        default: fatalError("\(newCount) ids are not narrower than \(width.rawValue) bytes")
        }
        width = .holding(ids: newCount)
    }

    /// Gives unused memory back.
    func trim() {
        toucher.wait()
        let bytes = max(64, count * width.rawValue)
        if let smaller = realloc(memory, bytes) {
            memory = smaller
            capacity = bytes
        }
    }

    /// The ids of some ranges, one behind the other.
    func rearranged(_ ranges: [Range<Int>]) throws(TextError) -> IdStorage {
        let result = try IdStorage()
        result.width = width
        try result.reserve(ranges.reduce(0) { $0 + $1.count })
        for range in ranges {
            require(range.lowerBound >= 0 && range.upperBound <= count, "ids \(range) of \(count)")
            memcpy(
                result.memory + result.count * width.rawValue, memory + range.lowerBound * width.rawValue,
                range.count * width.rawValue)
            result.count += range.count
        }
        result.trim()
        return result
    }

    private func resize(toBytes bytes: Int) throws(TextError) {
        guard bytes > capacity else { return }
        toucher.wait()
        guard let larger = realloc(memory, bytes) else { throw .outOfMemory(bytes: bytes) }
        memory = larger
        capacity = bytes
    }

    private func convert<Old: FixedWidthInteger, New: FixedWidthInteger>(
        from: Old.Type, to: New.Type, backwards: Bool, _ rename: (Old) -> New
    ) {
        let oldSize = MemoryLayout<Old>.size
        let newSize = MemoryLayout<New>.size
        var position = backwards ? count - 1 : 0
        for _ in 0..<count {
            let id = memory.load(fromByteOffset: position * oldSize, as: Old.self)
            memory.storeBytes(of: rename(id), toByteOffset: position * newSize, as: New.self)
            position += backwards ? -1 : 1
        }
    }
}

/// Has the system provide the pages of a growing piece of memory on another thread, shortly before they are written.
///
/// The first touch of a page costs some 0.4 ns a byte, a fifth of what it takes to read a text. This needs Linux 5.14;
/// elsewhere pages come when they are written, as ever.
struct MemoryToucher {
    private static let step = 2 << 20
    /// The queue that touches pages; nil until there is something to do, since small texts need no thread.
    private var queue: DispatchQueue?
    /// Bytes from the beginning of the memory on that have been asked for.
    private var asked = 0

    /// Asks for what comes behind the first `used` bytes, a few MB at a time.
    mutating func touch(_ memory: UnsafeMutableRawPointer, used: Int, capacity: Int) {
        #if os(Linux)
            asked = max(asked, used)
            guard asked < used + Self.step, asked + Self.step <= capacity else { return }
            let page = Int(sysconf(Int32(_SC_PAGESIZE)))
            let start = (Int(bitPattern: memory) + asked) / page * page
            asked += Self.step
            let queue = self.queue ?? DispatchQueue(label: "MemoryToucher")
            self.queue = queue
            queue.async {
                // MADV_POPULATE_WRITE, which older headers lack: as writing would, it changes nothing that is there.
                madvise(UnsafeMutableRawPointer(bitPattern: start), Self.step, 23)
            }
        #endif
    }

    /// Until nothing is being asked for any more: before the memory moves, or ends.
    func wait() {
        queue?.sync {}
    }
}
