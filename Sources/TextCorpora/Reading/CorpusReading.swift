import ByteStreams
import Digests
import FileTrees

/// The state of reading a corpus: the units, the digest and the report so far.
struct CorpusReading {
    private let options: ReadingOptions
    private let builder: UnitBuilder
    private var hash = SHA256()
    private var report = ReadingReport()
    private var contents = FileContents()

    init(options: ReadingOptions) throws(TextError) {
        // A wrong name should not wait for the first file.
        if let encoding = options.encoding, !EncodingName.isUTF8(encoding) {
            _ = try EncodingConverter(encoding: encoding)
        }
        self.options = options
        builder = try UnitBuilder(unit: options.unit)
    }

    consuming func finish() -> TextCorpus {
        let (ids, table) = builder.finish()
        return TextCorpus(unit: options.unit, fingerprint: hash.finish(), report: report, ids: ids, table: table)
    }

    mutating func add(_ path: String) throws(TextError) {
        let rawPath = RawPath(path)
        if path != "-" && FileTree.isFolder(rawPath) { return try addFolder(rawPath) }
        let input = path == "-" ? InputFile<TextError>(standardInput: ()) : try InputFile<TextError>(rawPath)
        switch try addFile(try stream(of: input), isInFolder: false) {
        case .read: break
        case .empty: throw .empty(path: path)
        case .same(let other): try skip(path, .duplicate, "the same text as \(other)")
        case .other(let error): throw error
        }
    }

    private mutating func addFolder(_ folder: RawPath) throws(TextError) {
        let tree: FileTree
        do { tree = try FileTree(folder: folder) } catch { throw TextError.reading(error.path, code: error.code) }
        let skippedBefore = report.skipped.count, filesBefore = report.files.count
        for skipped in tree.skipped { try skip(skipped.path.text, .init(skipped.reason)) }
        for file in tree.files {
            guard let input = try? InputFile<TextError>(file), let opened = try? stream(of: input) else {
                try skip(file.text, .unreadable)
                continue
            }
            switch try addFile(opened, isInFolder: true) {
            case .read: break
            case .empty: try skip(file.text, .empty)
            case .same(let other): try skip(file.text, .duplicate, "the same text as \(other)")
            case .other(.otherFormat(_, let format)): try skip(file.text, .binary, format.name)
            case .other: try skip(file.text, .binary)
            }
        }
        let skipped = report.skipped[skippedBefore...]
        guard report.files.count > filesBefore || skipped.contains(where: { $0.reason == .duplicate }) else {
            throw .folderWithoutText(path: folder.text, skipped: ReadingReport.summary(of: skipped))
        }
    }

    private mutating func skip(
        _ path: String, _ reason: ReadingReport.SkipReason, _ detail: String? = nil
    ) throws(TextError) {
        if options.isStrict && reason != .hidden {
            throw .leftOut(path: path, reason: detail.map { "\(reason.rawValue): \($0)" } ?? reason.rawValue)
        }
        report.skipped.append(.init(path: path, reason: reason, detail: detail))
    }

    // MARK: One file

    private enum FileOutcome {
        case read, empty
        /// Its text was read already, from the file of this path.
        case same(as: String)
        /// It is not text.
        case other(TextError)
    }

    private func stream(of input: consuming InputFile<TextError>) throws(TextError) -> ByteStream<TextError> {
        try ByteStream(input, largestExpansion: options.largestExpansion)
    }

    private mutating func addFile(_ file: ByteStream<TextError>, isInFolder: Bool) throws(TextError) -> FileOutcome {
        let path = file.path, isCompressed = file.isCompressed
        let head = Array(try file.peek(BinarySniffer.length))
        guard !head.isEmpty else { return .empty }

        let source = try SourceEncoding(mark: ByteOrderMark(startOf: head), options: options)
        // Whoever names a file and asks for bytes has them.
        let takesAll = options.unit == .byte && !isInFolder
        let format = KnownFormat(startOf: head)
        if !takesAll {
            if let format { return .other(.otherFormat(path: path, format)) }
            if source.isSniffable, let reason = BinarySniffer.reasonNotText(head) {
                return .other(
                    .binary(
                        path: path, reason: reason, encodings: source.hasMark ? nil : [],
                        unitIsFixed: options.unitIsFixed))
            }
        }
        file.skip(source.markLength)

        // A character takes a byte at least. Where there is not that much memory, what there is may still do.
        if !isCompressed, let size = file.fileSize { try? builder.storage.reserve(size) }
        let before = (units: builder.storage.count, hash: hash)
        var start = before.units
        var isFirstPiece = true
        let decoder = TextDecoder(
            file, form: source.form, options: options, offset: source.markLength, allowsNull: takesAll
        ) { [options, builder, source] fault in
            // A line feed is its own id in every corpus that is being read.
            let lineFeeds =
                fault.before.count { $0 == 10 } + (start..<builder.storage.count).count { builder.storage[$0] == 10 }
            return fault.error(
                path: path, encoding: source, line: lineFeeds + 1, isDecompressed: isCompressed,
                unitIsFixed: options.unitIsFixed)
        }
        do throws(TextError) {
            while try decoder.next({ (text) throws(TextError) in
                if isFirstPiece && !report.files.isEmpty {
                    try addNewline()
                    start = builder.storage.count
                }
                isFirstPiece = false
                hash.update(UnsafeRawBufferPointer(text))
                try builder.append(text)
            }) {}
            try builder.endFile()
        } catch {
            guard case .binary = error, isInFolder else { throw error }
            forget(since: before)
            return .other(error)
        }
        if isFirstPiece { return .empty }
        let units = start..<builder.storage.count
        if let other = contents.file(holding: units, in: builder.storage) {
            forget(since: before)
            return .same(as: report.files[other].path)
        }
        contents.add(units, in: builder.storage)
        report.files.append(
            .init(
                path: path, bytes: file.bytesTaken, decodedBytes: decoder.bytesRead, encoding: source.name,
                isCompressed: isCompressed, units: units.count, invalidBytes: decoder.invalidBytes,
                invalidBytesBecame: options.invalidBytes, marksInside: decoder.marks.removed,
                pairedLineEnds: decoder.lineEnds.pairs, loneLineEnds: decoder.lineEnds.lone,
                takenAs: takesAll ? format?.name : nil, doubt: source.doubt(of: head)))
        return .read
    }

    private mutating func forget(since before: (units: Int, hash: SHA256)) {
        builder.discard(from: before.units)
        hash = before.hash
    }

    /// Puts a newline between two files.
    private mutating func addNewline() throws(TextError) {
        let newline: [UInt8] = [UInt8(ascii: "\n")]
        hash.update(newline)
        try newline.withUnsafeBufferPointer { (text) throws(TextError) in try builder.append(text) }
        try builder.endFile()
    }
}

extension TextDecoder.Fault {
    func error(
        path: String, encoding: SourceEncoding, line: Int, isDecompressed: Bool, unitIsFixed: Bool
    ) -> TextError {
        if kind == .null {
            return .binary(
                path: path, reason: "byte \(offset) is NUL",
                encodings: encoding.hasMark ? nil : EncodingGuess.likely(data, except: encoding.name, isWide: true),
                unitIsFixed: unitIsFixed)
        }
        let counts = UTF8Validation.counts(data.bindMemory(to: UInt8.self))
        // Other encodings give a valid UTF-8 character by chance now and then, not many among few invalid bytes.
        let looksLikeUTF8 = counts.characters > 0 && counts.characters >= 2 * counts.invalid
        let isUTF8 = encoding.name == "UTF-8", isCertain = encoding.hasMark || (isUTF8 && looksLikeUTF8)
        return .invalidByte(
            InvalidByte(
                path: path, offset: offset, line: line, byte: byte, encoding: encoding.name,
                isCutShort: kind == .cutShort, isDecompressed: isDecompressed,
                suggestions: isCertain
                    ? [] : looksLikeUTF8 ? ["utf-8"] : EncodingGuess.likely(data, except: encoding.name),
                isCertain: isCertain))
    }
}

/// What the files read so far hold: so that a text reached twice (by a link, a copy, another compression or encoding)
/// is read once.
struct FileContents {
    private var files: [Range<Int>] = []
    /// The files by their number of units and the units at both ends: only these can be equal.
    private var candidates: [Sketch: [Int]] = [:]

    private struct Sketch: Hashable {
        let count: Int
        let ends: [Int]

        init(_ units: Range<Int>, in storage: IdStorage) {
            count = units.count
            let first = units.lowerBound..<min(units.lowerBound + 32, units.upperBound)
            let last = max(units.lowerBound, units.upperBound - 32)..<units.upperBound
            ends = first.map { storage[$0] } + last.map { storage[$0] }
        }
    }

    /// The file that holds the same units, by its number in the order of `add`. They are compared one by one.
    func file(holding units: Range<Int>, in storage: IdStorage) -> Int? {
        candidates[Sketch(units, in: storage)]?.first { storage.isEqual(files[$0], units) }
    }

    mutating func add(_ units: Range<Int>, in storage: IdStorage) {
        candidates[Sketch(units, in: storage), default: []].append(files.count)
        files.append(units)
    }
}
