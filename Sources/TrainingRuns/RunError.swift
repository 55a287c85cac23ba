import Foundation

/// What can go wrong with a run, apart from its data and its store. Descriptions say what, where, and what to do.
public enum RunError: Error, Equatable, Sendable {
    /// An option out of its range.
    case invalidOption(String, reason: String)
    case damagedCheckpoint(String)
    /// An option that a resumed run has fixed already.
    case fixedByRun(run: String, option: String, stored: String)
    /// The loss stayed infinite, not a number, or above that of guessing however often training went back.
    case diverged(step: Int, reason: String, attempts: Int)
    /// A run that came to its end has a model that is of no use.
    case worseThanGuessing(run: String, loss: Double, guessing: Double, trainingLoss: Double?)
    case runFinished(run: String, steps: Int)
}

extension RunError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidOption(let option, let reason): "\(option): \(reason)"
        case .damagedCheckpoint(let reason):
            "the checkpoint does not fit its model: \(reason). Choose another run with --run, or train again"
        case .fixedByRun(let run, let option, let stored):
            "\(option) cannot be changed when run '\(run)' is resumed: it was trained with \(stored). "
                + "Leave it out, or start a new run"
        case .diverged(let step, let reason, let attempts):
            "training diverged at step \(step): \(reason), and going back \(attempts) times with a lower learning "
                + "rate did not help. The last good state is stored. Try a lower --lr"
        case .worseThanGuessing(let run, let loss, let guessing, let trainingLoss):
            "run '\(run)' ends worse than guessing: its loss over what was held out is \(Self.text(loss)), that of "
                + "guessing \(Self.text(guessing)). It is stored all the same. "
                + (trainingLoss.map { $0 < guessing } ?? false
                    ? "What it was trained on it knows (\(trainingLoss.map(Self.text) ?? "")): what is held out is unlike it, or too short. "
                        + "Hold out another part with --validation"
                    : "Try a lower --lr, or leave it out")
        case .runFinished(let run, let steps):
            "run '\(run)' has done its \(steps) steps. To train it further give more: --resume \(run) --steps "
                + "\(steps * 2)"
        }
    }

    private static func text(_ loss: Double) -> String {
        loss.magnitude < 1e9 ? String(format: loss.magnitude < 0.1 ? "%.5f" : "%.2f", loss) : "\(loss)"
    }
}

extension RunError: LocalizedError {
    public var errorDescription: String? { description }
}
