package import Checkpoints
import FileTrees
import Foundation
package import Kernels

/// What can go wrong with a run, apart from its data and its store. Descriptions say what, where, and what to do.
package enum RunError: Error, Equatable, Sendable {
    /// An option out of its range.
    case invalidOption(String, reason: String)
    case damagedCheckpoint(String)
    /// A checkpoint that holds nothing of what training needs besides the weights.
    case weightsAlone(run: String)
    /// An option that a resumed run has fixed already.
    case fixedByRun(run: String, option: String, stored: String)
    /// The loss stayed infinite, not a number, or above that of guessing however often training went back.
    case diverged(step: Int, reason: String, attempts: Int)
    /// A run that came to its end has a model that is of no use.
    case worseThanGuessing(run: String, loss: Double, guessing: Double, trainingLoss: Double?)
    case runFinished(run: String, steps: Int)
    /// Another process has taken over or removed the run while it was trained here.
    case runLost(run: String, savedAs: String, store: String, reason: StoreError)
    /// It was killed before it had saved the weights it started from, which came from another run.
    case nothingSaved(run: String)
    /// A plan takes more memory than this process may have. Amounts in bytes.
    case notEnoughMemory(planned: Int, limit: MemoryLimit, remedy: String)
    /// Not even the first checkpoint of a run finds room where its store is. Amounts in bytes.
    case notEnoughSpace(planned: Int, free: Int, path: String)
}

extension RunError: CustomStringConvertible {
    package var description: String { text(for: .user) }

    /// The description, with what this reader can do.
    /// - Parameter isStored: whether what was trained is in a store; else it is gone.
    package func text(for reader: ErrorReader, isStored: Bool = true) -> String {
        switch self {
        case .invalidOption(let option, let reason): "`\(option)`: \(reason)"
        case .damagedCheckpoint(let reason):
            "the checkpoint does not fit its model: \(reason). Choose another run, or train again"
        case .weightsAlone(let run):
            "run '\(run)' holds its weights alone: it can be used, not resumed"
                + reader.words("", ". To train on from it, `from` \(ShellText.quoted(run))")
        case .fixedByRun(let run, let option, let stored):
            "`\(option)` cannot be changed when run '\(run)' is resumed: it was trained with \(stored). "
                + "Leave it out, or start a new run"
        case .diverged(let step, let reason, let attempts):
            "training diverged at step \(step): \(reason), and going back \(attempts) times with a lower learning "
                + "rate did not help. " + (isStored ? "The last good state is stored. " : "") + "Try a lower `lr`"
        case .worseThanGuessing(let run, let loss, let guessing, let trainingLoss):
            "run '\(run)' ends worse than guessing: its loss over what was held out is \(Self.text(loss)), that of "
                + "guessing \(Self.text(guessing)). " + (isStored ? "It is stored all the same. " : "")
                + (trainingLoss.map { $0 < guessing } ?? false
                    ? "What it was trained on it knows (\(trainingLoss.map(Self.text) ?? "")): what is held out is unlike it, or too short. "
                        + reader.words("Give more to learn from", "Hold out another part with `validation`")
                    : "Try a lower `lr`, or leave it out")
        case .runFinished(let run, let steps):
            "run '\(run)' has done its \(steps) steps. "
                + reader.words(
                    "Use it with `open`, or train another with more `epochs`",
                    "To train it further give more: `resume` \(ShellText.quoted(run)) `steps` \(steps * 2)")
        case .runLost(let run, let savedAs, let store, let reason):
            "training of run '\(run)' was ended: \(reason) What was done here is saved as run '\(savedAs)' in \(store)"
        case .nothingSaved(let run):
            "run '\(run)' was killed before it had saved anything. Start it again: its name is free"
        case .notEnoughMemory(let planned, let limit, let remedy):
            "not enough memory: this takes about \(MemoryLimit.text(planned)), and \(limit). "
                + reader.words("Choose a smaller model, or smaller pictures if it is one of pictures", remedy)
        case .notEnoughSpace(let planned, let free, let path):
            "\(path): not enough space: the first checkpoint takes about \(MemoryLimit.text(planned)) while it is "
                + "written, and \(MemoryLimit.text(free)) are left there. Free some, choose "
                + reader.words("another place for the store", "another place with `store`") + ", or a smaller model"
        }
    }

    private static func text(_ loss: Double) -> String {
        loss.magnitude < 1e9 ? String(format: loss.magnitude < 0.1 ? "%.5f" : "%.2f", loss) : "\(loss)"
    }
}

extension RunError: LocalizedError {
    package var errorDescription: String? { description }
}
