/// What is said of characters that a model has never seen.
package enum UnknownUnits {
    /// Nil where there are none.
    package static func note(_ unknown: [UnitCount]) -> String? {
        guard !unknown.isEmpty else { return nil }
        let listed = unknown.prefix(8).map { "\($0.label) (\($0.count)×)" }.joined(separator: ", ")
        let more = unknown.count > 8 ? " and \(unknown.count - 8) more" : ""
        return "the model has never seen \(listed)\(more): it reads them as unknown characters"
    }
}
