extension TextCorpus {
    /// Reads files, folders and standard input ("-") in the order given, joined by a newline.
    ///
    /// Folders are read recursively in byte order of path; hidden, binary, empty, unreadable and special files in them
    /// are skipped and listed in the report, and so is a file whose text was read already. `.gz` data are decompressed,
    /// whatever the file is called. One pass; memory beyond the ids is a few MB.
    ///
    /// - Throws: `TextError` for the first file that was named directly and cannot be used, and for the first invalid
    ///   byte anywhere.
    package static func read(
        _ paths: [String], options: ReadingOptions = ReadingOptions()
    ) throws(TextError) -> TextCorpus {
        guard !paths.isEmpty else { throw .noPaths }
        var reading = try CorpusReading(options: options)
        for path in paths { try reading.add(path) }
        return reading.finish()
    }
}
