import Digests

/// A text as ids, with what it was read from.
///
///     let corpus = try TextCorpus.read(["poems", "letters.txt.gz"])
///     let split = try corpus.split(validation: 0.1, test: 0)
///     let vocabulary = try Vocabulary(counting: corpus, in: split.training)
///     let tokens = try corpus.tokens(using: vocabulary)
///
/// Each unit takes 1 byte of memory where there are at most 256 different ones, else 2 or 4. The ids of a corpus are
/// provisional (ASCII is itself, the rest is numbered by first appearance); `tokens(using:)` gives a view of the same
/// memory under the ids of a vocabulary, without a copy.
package struct TextCorpus: Sendable {
    package let unit: TextUnit
    /// SHA-256 of the decoded text as UTF-8: after line ends were put right, byte-order marks dropped and files joined.
    /// For one UTF-8 file without CR it is what `sha256sum` prints. Of `TextUnit.byte`, of the bytes as they are.
    package let fingerprint: String
    /// The files that were read and those that were passed over.
    package let report: ReadingReport

    package let ids: IdStorage
    package let table: UnitTable

    package init(unit: TextUnit, fingerprint: String, report: ReadingReport, ids: IdStorage, table: UnitTable) {
        self.unit = unit
        self.fingerprint = fingerprint
        self.report = report
        self.ids = ids
        self.table = table
    }

    /// A text that is in memory already, taken as it is.
    package init(_ text: String, unit: TextUnit = .scalar) throws(TextError) {
        let builder = try UnitBuilder(unit: unit)
        var hash = SHA256()
        let bytes = Array(text.utf8)
        hash.update(bytes)
        try bytes.withUnsafeBufferPointer { (buffer) throws(TextError) in try builder.append(buffer) }
        try builder.endFile()
        let (ids, table) = builder.finish()
        self.init(unit: unit, fingerprint: hash.finish(), report: ReadingReport(), ids: ids, table: table)
    }

    /// The number of units.
    package var count: Int { ids.count }

    /// Bytes of memory that the ids take.
    package var memory: Int { ids.count * ids.width.rawValue }

    /// How often each unit occurs in a range, in the order of the units' UTF-8 bytes; units that do not occur are left
    /// out. Cost: one pass over the range, under 1 ns a unit.
    package func unitCounts(in range: Range<Int>? = nil) -> [UnitCount] {
        let counts = ids.counts(in: range ?? 0..<count, idCount: table.count)
        let present = counts.indices.filter { counts[$0] > 0 }
        return present.map { UnitCount(bytes: Array(table[$0]), count: counts[$0]) }
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    /// The exact number of bytes that the units of a range take in UTF-8, for bits per byte.
    package func utf8Count(in range: Range<Int>) -> Int {
        let counts = ids.counts(in: range, idCount: table.count)
        return counts.indices.reduce(0) { $0 + counts[$1] * table.byteCount($1) }
    }

    /// The UTF-8 bytes of a range.
    package func bytes(in range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for position in range { bytes.append(contentsOf: table[ids[position]]) }
        return bytes
    }

    /// The text of a range.
    package func text(in range: Range<Int>) -> String {
        String(decoding: bytes(in: range), as: UTF8.self)
    }
}

/// A unit and how often it occurs.
package struct UnitCount: Sendable, Equatable {
    /// The unit's UTF-8, or the byte itself.
    package let bytes: [UInt8]
    package let count: Int

    package init(bytes: [UInt8], count: Int) {
        self.bytes = bytes
        self.count = count
    }

    /// The unit for messages: `"é"`, `line feed`, `U+200D`, `byte 0xE4`.
    package var label: String { unitLabel(bytes) }
}

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

/// The piece of text that a language model reads and writes in one step.
package enum TextUnit: String, Codable, Sendable, CaseIterable {
    /// A Unicode scalar value (a code point). Any text, one id for each scalar; the default.
    case scalar
    /// A byte of the file as it is, or of the text's UTF-8 where the file's encoding is named. At most 256 units.
    case byte
    /// An extended grapheme cluster (Unicode Standard Annex 29): what a reader calls a character. An accented letter
    /// or a family emoji is one unit however many scalars it takes. Canonically equivalent spellings stay different.
    case grapheme

    /// The name in a sentence about `count` of them: "1 character", "3 bytes".
    package func name(count: Int) -> String {
        switch self {
        case .scalar: count == 1 ? "character" : "characters"
        case .byte: count == 1 ? "byte" : "bytes"
        case .grapheme: count == 1 ? "grapheme cluster" : "grapheme clusters"
        }
    }
}
