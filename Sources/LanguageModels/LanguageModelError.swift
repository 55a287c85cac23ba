package import Checkpoints
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
    /// A file of weights that make no language model.
    case notALanguageModel(path: String, reason: String)
    /// A file of weights says nothing of its units.
    case vocabularyNeeded(path: String, count: Int)
    case vocabulary(path: String, reason: String)
    /// A run that was imported has no text to go on with, or to be scored on.
    case imported(run: String, from: String)
}

extension LanguageModelError: CustomStringConvertible {
    package var description: String { text(for: .user) }

    /// The description, with what this reader can do.
    package func text(for reader: ErrorReader) -> String {
        switch self {
        case .invalidStack(let text, let reason):
            "cannot read the stack '\(text)': \(reason). Example: `stack` lstm:256,gru:128"
        case .otherCorpus(let run, let expected, let found):
            "the text is not the one that run '\(run)' was trained on (fingerprint \(found.prefix(12))…, recorded "
                + "\(expected.prefix(12))…). Give the original text, or start a new run"
                + reader.words("", " from that one with `from`")
        case .corpusNotFound(let run, let paths, let reason):
            "the text of run '\(run)' cannot be read again from \(paths.joined(separator: ", ")): \(reason). "
                + "Give the path where it is now" + reader.words(" with `at`", "")
        case .notALanguageModel(let path, let reason):
            "\(path) holds no language model that can be read: \(reason)"
        case .vocabularyNeeded(let path, let count):
            "\(path) does not say which \(count) units it knows. Name them with `vocabulary` FILE: a list in JSON in the order "
                + "of their ids, ids by unit, or the text that it was trained on"
        case .vocabulary(let path, let reason):
            "the vocabulary of \(path) cannot be used: \(reason)"
        case .imported(let run, let from):
            "run '\(run)' was imported from \(from) and has no text of its own. "
                + reader.words("It can be used with `open`", "Name a text, or train on one from it with `from`")
        case .emptyText(let what): "\(what) is too short to score: at least two characters are needed"
        }
    }
}

extension LanguageModelError: LocalizedError {
    package var errorDescription: String? { description }
}
