package import Checkpoints

/// What happens while a model is trained, as values: whoever trains decides what to show.
package enum TrainingEvent: Sendable {
    case started(StartedRun)
    /// After every step.
    case progress(TrainingProgress)
    case validating(step: Int)
    case validated(ValidationReport)
    case sampled(step: Int, text: String)
    case saved(step: Int)
    /// The run was being trained by a process that has died.
    case tookOver(from: RunOwner)
    /// A save has failed. Training goes on; it is tried again.
    case notSaved(step: Int, reason: StoreError)
    /// A save has succeeded after others had failed.
    case savedAgain(step: Int)
    /// The store is gone: all that it held is in another one, which takes its place.
    case moved(rescue: Rescue)
    /// Warm-up is over and the measured rate has fixed the number of steps; `areAll`: the most that are of use, in less
    /// time than there is.
    case stepsFixed(Int, secondsPerStep: Double, areAll: Bool)
    case rolledBack(step: Int, to: Int, reason: String, rateFraction: Double)
    /// The held-out part is being scored with the best weights.
    case scoring(units: Int)
}

package struct StartedRun: Sendable {
    package var run: Run
    /// 0 for a new run.
    package var step: Int
}

package struct TrainingProgress: Sendable {
    package var step: Int
    package var steps: Int
    /// Whether `steps` is final: with a time limit only when warm-up has ended.
    package var stepsAreFixed: Bool
    package var epoch: Double
    /// A running average.
    package var trainingLoss: Double
    /// Of the last validation.
    package var validationLoss: Double?
    package var learningRate: Double
    package var unitsPerSecond: Double
    /// Nil until the number of steps is final.
    package var secondsLeft: Double?
    /// Seconds of training over all sessions of the run.
    package var seconds: Double
}

package struct ValidationReport: Sendable {
    package var step: Int
    package var epoch: Double
    package var trainingLoss: Double
    package var validationLoss: Double
    package var isBest: Bool
    /// Seconds of training over all sessions of the run.
    package var seconds: Double
}

/// Why training returned.
package enum TrainingOutcome: Sendable {
    case finished(TrainingResult)
    /// Saved and ready to be resumed.
    case stopped(step: Int, reason: StopReason)

    package enum StopReason: String, Sendable {
        /// Asked for by `--stop-after`.
        case stopAfter
        /// Asked for from outside: Ctrl-C.
        case interrupted
        case timeLimit

        /// What the run's events say of it.
        var words: String {
            switch self {
            case .stopAfter: "as asked, after this step"
            case .interrupted: "interrupted from outside"
            case .timeLimit: "the time is over"
            }
        }
    }
}

package struct TrainingResult: Sendable {
    package var steps: Int
    /// The step whose weights are best.
    package var bestStep: Int
    /// Of the best weights over the held-out part; nil if nothing was held out.
    package var score: FinalScore?
    /// Validation stopped improving.
    package var endedEarly: Bool
    package var seconds: Double
}

/// Kinds of stored events that other parts of a program look for.
package enum RunEvents {
    /// A run was given another number of steps after it had begun.
    package static let stepsChanged = "steps_changed"
    /// The time was over before the steps that were planned for it were done.
    package static let cutShort = "cut_short"
}
