import Foundation
public import TextCorpora

/// Where a run's text came from and how it was cut: stored with the run, so that it can be found and checked again.
public struct CorpusRecord: Codable, Equatable, Sendable {
    /// As given; made absolute. `-` is standard input.
    public var paths: [String]
    public var unit: TextUnit
    public var encoding: String?
    public var keepCarriageReturns: Bool
    /// SHA-256 of the decoded text.
    public var fingerprint: String
    /// Units of the whole text.
    public var count: Int
    public var split: TextSplit
    /// How the parts were chosen; nil in runs of earlier versions, whose text is cut as it stands.
    public var heldOut: HoldOut?
    public var vocabulary: Vocabulary
    /// What the model reads before it writes; nil in runs of earlier versions, and where the text is too short.
    public var leadIns: LeadIns?

    enum CodingKeys: String, CodingKey {
        case paths, unit, encoding, fingerprint, count, split, vocabulary
        case keepCarriageReturns = "keep_cr"
        case leadIns = "lead_ins"
        case heldOut = "held_out"
    }

    /// How a text of this length is cut when nobody says.
    public var defaultSplit: TextSplit? { try? TextSplit(count: count, unit: unit) }

    /// The text in the order in which ``split`` cuts it.
    public func arranged(_ corpus: TextCorpus) throws(TextError) -> TextCorpus {
        guard let heldOut, corpus.fingerprint == fingerprint, corpus.count == count else { return corpus }
        return try corpus.arranged(heldOut)
    }

    public var readingOptions: ReadingOptions {
        ReadingOptions(unit: unit, encoding: encoding, keepCarriageReturns: keepCarriageReturns)
    }
}

extension CorpusRecord {
    /// What a run is called after: the file's name without endings, or `text`.
    var baseName: String {
        guard let path = paths.first, path != "-" else { return "text" }
        let name = (path as NSString).lastPathComponent.split(separator: ".").first.map(String.init)
        return name ?? "text"
    }
}
