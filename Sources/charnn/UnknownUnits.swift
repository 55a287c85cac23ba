import TextCorpora

/// What is said of characters that a model has never seen.
enum UnknownUnits {
    /// Nil where there are none.
    static func note(_ unknown: [UnitCount], _ vocabulary: Vocabulary) -> String? {
        guard !unknown.isEmpty else { return nil }
        let listed = unknown.prefix(8).map { "\($0.label) (\($0.count)×)" }.joined(separator: ", ")
        let more = unknown.count > 8 ? " and \(unknown.count - 8) more" : ""
        return "the model has never seen \(listed)\(more): it "
            + (vocabulary.hasReplacement ? "reads them as unknown characters" : "leaves them out")
    }
}
