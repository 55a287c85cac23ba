import Foundation

/// What can go wrong with a language model, apart from its text, its store and its run. Descriptions say what, where,
/// and what to do.
package enum LanguageModelError: Error, Equatable, Sendable {
    case invalidStack(String, reason: String)
    /// A run is resumed on a text that is not the one it was trained on.
    case otherCorpus(run: String, expected: String, found: String)
    /// A run is resumed, and the text is not where it was.
    case corpusNotFound(run: String, paths: [String], reason: String)
    case emptyText(what: String)
}

extension LanguageModelError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidStack(let text, let reason):
            "cannot read the stack '\(text)': \(reason). Example: `stack` lstm:256,gru:128"
        case .otherCorpus(let run, let expected, let found):
            "the text is not the one that run '\(run)' was trained on (fingerprint \(found.prefix(12))…, recorded "
                + "\(expected.prefix(12))…). Give the original text, or start a new run from it with `from` \(run)"
        case .corpusNotFound(let run, let paths, let reason):
            "the text of run '\(run)' cannot be read again from \(paths.joined(separator: ", ")): \(reason). "
                + "Give the path where it is now"
        case .emptyText(let what): "\(what) is too short to score: at least two characters are needed"
        }
    }
}

extension LanguageModelError: LocalizedError {
    package var errorDescription: String? { description }
}
