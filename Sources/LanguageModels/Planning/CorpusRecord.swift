import FileTrees
package import TextCorpora
package import Training
import TrainingRuns

/// Where a run's text came from and how it was cut: stored with the run, so that it can be found and checked again.
package struct CorpusRecord: Codable, Equatable, Sendable {
    /// As given; made absolute. `-` is standard input or a pipe.
    package var paths: [String]
    package var unit: TextUnit
    package var encoding: String?
    package var keepCarriageReturns: Bool
    /// What is done with invalid bytes, where another thing than an error.
    package var invalidBytes: InvalidBytePolicy?
    /// Invalid bytes in the text, where they were allowed.
    package var invalidByteCount: Int?
    /// SHA-256 of the decoded text.
    package var fingerprint: String
    /// Units of the whole text.
    @StoredCount package var count: Int
    package var split: TextSplit
    /// How the parts were chosen; nil in runs of earlier versions, whose text is cut as it stands.
    package var heldOut: HoldOut?
    package var vocabulary: Vocabulary
    /// What the model reads before it writes; nil in runs of earlier versions, and where the text is too short.
    package var leadIns: LeadIns?
    /// The file of weights that the run was made of, instead of a text.
    package var importedFrom: String?
    /// The file that named its units, if that was another one; nil in runs of earlier versions too.
    package var importedVocabulary: String?

    enum CodingKeys: String, CodingKey {
        case paths, unit, encoding, fingerprint, count, split, vocabulary
        case keepCarriageReturns = "keep_cr"
        case leadIns = "lead_ins"
        case importedFrom = "imported_from"
        case importedVocabulary = "imported_vocabulary"
        case heldOut = "held_out"
        case invalidBytes = "invalid_bytes"
        case invalidByteCount = "invalid_byte_count"
    }

    /// How a text of this length is cut when nobody says.
    package var defaultSplit: TextSplit? { try? TextSplit(count: count, unit: unit) }

    /// What comes from a store may have been damaged, or written by others.
    /// - Throws: ``RunError/damagedCheckpoint(_:)`` for parts that the text does not have.
    func checkParts() throws(RunError) {
        for part in [split.training, split.validation, split.test] where part.lowerBound < 0 || part.upperBound > count
        {
            throw .damagedCheckpoint("its plan has parts beyond the \(count) units of its text")
        }
    }

    /// Absolute; `-` for what gives its data once, and not again when the run goes on.
    package static func path(recording path: String) -> String {
        let rawPath = RawPath(path), absolute = rawPath.absolute.text
        let isDescriptor = absolute == "/dev/stdin" || absolute.hasPrefix("/dev/fd/") || absolute.hasPrefix("/proc/")
        guard path != "-", !isDescriptor, FileTree.isFolder(rawPath) || FileTree.isRegularFile(rawPath) ?? true else {
            return "-"
        }
        return absolute
    }

    /// The text in the order in which ``split`` cuts it.
    package func arranged(_ corpus: TextCorpus) throws(TextError) -> TextCorpus {
        guard let heldOut, corpus.fingerprint == fingerprint, corpus.count == count else { return corpus }
        return try corpus.arranged(heldOut)
    }

    /// How the text is read again, and another one for the same model.
    package var readingOptions: ReadingOptions {
        var options = ReadingOptions(
            unit: unit, encoding: encoding, keepCarriageReturns: keepCarriageReturns,
            invalidBytes: invalidBytes ?? .error)
        options.unitIsFixed = true
        return options
    }
}

extension CorpusRecord {
    /// What a run is called after: the file's name without endings, or `text`.
    var baseName: String {
        guard let path = paths.first, path != "-" else { return "text" }
        let name = RawPath(path).lastComponent.split(separator: UInt8(ascii: ".")).first
        return name.map { RawPath(bytes: $0).text } ?? "text"
    }
}
