/// What can be wrong with the numbers an analysis is given. Every description says what, where, and what to do.
package enum AnalysisError: Error, Equatable, Sendable {
    /// A row holds an infinity or no number at all.
    case notFinite(row: Int, what: String)
    /// Fewer rows than the analysis means anything for.
    case tooFew(what: String, found: Int, needed: Int)
}

extension AnalysisError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFinite(let row, let what):
            """
            \(what) \(row) (counted from 0) holds a number that is not finite: a model whose training diverged gives \
            such codes, so train it again with a lower learning rate, or leave that one out
            """
        case .tooFew(let what, let found, let needed):
            "\(found) \(what), and at least \(needed) \(needed == 1 ? "is" : "are") needed: give more pictures"
        }
    }
}
