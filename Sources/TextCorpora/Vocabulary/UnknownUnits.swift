/// What is said of characters that a model has never seen.
package enum UnknownUnits {
    /// Nil where there are none.
    /// - Parameter areLeftOut: where the model has no symbol for them.
    package static func note(_ unknown: [UnitCount], areLeftOut: Bool) -> String? {
        guard !unknown.isEmpty else { return nil }
        let listed = unknown.prefix(8).map { "\($0.label) (\($0.count)×)" }.joined(separator: ", ")
        let more = unknown.count > 8 ? " and \(unknown.count - 8) more" : ""
        return "the model has never seen \(listed)\(more): it "
            + (areLeftOut ? "leaves them out" : "reads them as unknown characters")
    }
}
