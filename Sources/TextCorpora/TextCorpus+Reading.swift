import Digests
import FileTrees

extension TextCorpus {
    /// Reads files, folders and standard input ("-") in the order given, joined by a newline.
    ///
    /// Folders are read recursively in byte order of path; hidden, binary, empty, unreadable and special files in them
    /// are skipped and listed in the report. `.gz` data are decompressed, whatever the file is called. One pass;
    /// memory beyond the ids is a few MB.
    ///
    /// - Throws: `TextError` for the first file that was named directly and cannot be used, and for the first invalid
    ///   byte anywhere.
    public static func read(
        _ paths: [String], options: ReadingOptions = ReadingOptions()
    ) throws(TextError) -> TextCorpus {
        guard !paths.isEmpty else { throw .noPaths }
        var reading = try CorpusReading(options: options)
        for path in paths { try reading.add(path) }
        return reading.finish()
    }
}

/// A corpus while it is being read.
struct CorpusReading {
    private let options: ReadingOptions
    private let builder: UnitBuilder
    private var hash = SHA256()
    private var report = ReadingReport()

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
        switch try addFile(try OpenedFile(rawPath)) {
        case .read: break
        case .empty: throw .empty(path: path)
        case .binary(let reason): throw .binary(path: path, reason: reason)
        }
    }

    private mutating func addFolder(_ folder: RawPath) throws(TextError) {
        let tree: FileTree
        do { tree = try FileTree(folder: folder) } catch { throw DescriptorReader.failure(error.path, error.code) }
        let skippedBefore = report.skipped.count
        let filesBefore = report.files.count
        for skipped in tree.skipped {
            report.skipped.append(.init(path: skipped.path.text, reason: .init(skipped.reason)))
        }
        for file in tree.files {
            guard let opened = try? OpenedFile(file) else {
                report.skipped.append(.init(path: file.text, reason: .unreadable))
                continue
            }
            switch try addFile(opened, isInFolder: true) {
            case .read: break
            case .empty: report.skipped.append(.init(path: file.text, reason: .empty))
            case .binary: report.skipped.append(.init(path: file.text, reason: .binary))
            }
        }
        guard report.files.count > filesBefore else {
            throw .folderWithoutText(
                path: folder.text, skipped: ReadingReport.summary(of: report.skipped[skippedBefore...]))
        }
    }

    private enum FileOutcome {
        case read, empty
        case binary(reason: String)
    }

    /// A file whose first bytes could be read.
    private struct OpenedFile {
        let descriptor: DescriptorReader
        let contents: PeekableReader

        init(_ path: RawPath) throws(TextError) {
            descriptor = try DescriptorReader(path)
            contents = PeekableReader(descriptor)
            _ = try contents.peek(3)
        }
    }

    private mutating func addFile(_ file: OpenedFile, isInFolder: Bool = false) throws(TextError) -> FileOutcome {
        let path = file.descriptor.path
        let isCompressed = GzipReader.isGzip(try file.contents.peek(3))
        let reader = isCompressed ? PeekableReader(try GzipReader(file.contents, path: path)) : file.contents
        let head = try reader.peek(BinarySniffer.length)
        guard !head.isEmpty else { return .empty }

        let mark = ByteOrderMark(startOf: head)
        var source = try SourceEncoding(head: head, mark: mark, options: options)
        var keepsCarriageReturns = options.keepCarriageReturns
        if source.isSniffable, let reason = BinarySniffer.reasonNotText(head) {
            guard options.unit == .byte && !isInFolder else { return .binary(reason: reason) }
            source = .bytes
            keepsCarriageReturns = true
        } else if let mark {
            reader.skip(mark.bytes.count)
        }
        let skipped = source.isBytes ? 0 : (mark?.bytes.count ?? 0)

        let decoder = TextDecoder(
            reader, form: source.form, keepsCarriageReturns: keepsCarriageReturns, chunkSize: options.chunkSize,
            offset: skipped
        ) { [name = source.name] offset, byte, isCutShort, data in
            .invalidByte(
                InvalidByte(
                    path: path, offset: offset, byte: byte, encoding: name, isCutShort: isCutShort,
                    isDecompressed: isCompressed, suggestions: EncodingGuess.likely(data, except: name)))
        }
        // A character takes a byte at least. Where there is not that much memory, what there is may still do.
        if !isCompressed, let size = file.descriptor.size { try? builder.storage.reserve(size) }
        var countBefore = builder.storage.count
        var isFirstPiece = true
        while try decoder.next({ (text) throws(TextError) in
            if isFirstPiece && !report.files.isEmpty {
                try addNewline()
                countBefore = builder.storage.count
            }
            isFirstPiece = false
            hash.update(UnsafeRawBufferPointer(text))
            try builder.append(text)
        }) {}
        if isFirstPiece { return .empty }
        try builder.endFile()
        report.files.append(
            .init(
                path: path, bytes: file.descriptor.bytesRead, encoding: source.name, isCompressed: isCompressed,
                units: builder.storage.count - countBefore))
        return .read
    }

    /// Between two files.
    private mutating func addNewline() throws(TextError) {
        let newline: [UInt8] = [UInt8(ascii: "\n")]
        hash.update(newline)
        try newline.withUnsafeBufferPointer { (text) throws(TextError) in try builder.append(text) }
        try builder.endFile()
    }
}
