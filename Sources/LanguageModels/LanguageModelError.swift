import Foundation

/// What can go wrong with a model, apart from its text and its store. Descriptions say what, where, and what to do.
public enum LanguageModelError: Error, Equatable, Sendable {
    case invalidStack(String, reason: String)
    /// A training option out of its range.
    case invalidOption(String, reason: String)
    case damagedCheckpoint(String)
    /// A run is resumed on a text that is not the one it was trained on.
    case otherCorpus(run: String, expected: String, found: String)
    /// A run is resumed, and the text is not where it was.
    case corpusNotFound(run: String, paths: [String], reason: String)
    /// An option that a resumed run has fixed already.
    case fixedByRun(run: String, option: String, stored: String)
    /// The loss stayed infinite or not a number however often training went back.
    case diverged(step: Int, reason: String, attempts: Int)
    case runFinished(run: String, steps: Int)
    case emptyText(what: String)
}

extension LanguageModelError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidStack(let text, let reason):
            "cannot read the stack '\(text)': \(reason). Example: --stack lstm:256,gru:128"
        case .invalidOption(let option, let reason): "\(option): \(reason)"
        case .damagedCheckpoint(let reason):
            "the checkpoint does not fit its model: \(reason). Choose another run with --run, or train again"
        case .otherCorpus(let run, let expected, let found):
            "the text is not the one that run '\(run)' was trained on (fingerprint \(found.prefix(12))…, recorded "
                + "\(expected.prefix(12))…). Give the original text, or start a new run from it with --from \(run)"
        case .corpusNotFound(let run, let paths, let reason):
            "the text of run '\(run)' cannot be read again from \(paths.joined(separator: ", ")): \(reason). "
                + "Give its path: charnn train PATH --resume \(run)"
        case .fixedByRun(let run, let option, let stored):
            "\(option) cannot be changed when run '\(run)' is resumed: it was trained with \(stored). "
                + "Leave it out, or start a new run with --from \(run)"
        case .diverged(let step, let reason, let attempts):
            "training diverged at step \(step): \(reason), and going back \(attempts) times with a lower learning "
                + "rate did not help. The last good state is stored. Try a lower --lr or --clip-norm 1"
        case .runFinished(let run, let steps):
            "run '\(run)' has done its \(steps) steps. To train it further give more: --resume \(run) --steps "
                + "\(steps * 2)"
        case .emptyText(let what): "\(what) is too short to score: at least two characters are needed"
        }
    }
}

extension LanguageModelError: LocalizedError {
    public var errorDescription: String? { description }
}
