public import Checkpoints

/// What happens while a model is trained, as values: whoever trains decides what to show.
public enum TrainingEvent: Sendable {
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
    /// Warm-up is over and the measured rate has fixed the number of steps.
    case stepsFixed(Int, secondsPerStep: Double)
    case rolledBack(step: Int, to: Int, reason: String, rateFraction: Double)
    /// The held-out part is being scored with the best weights.
    case scoring(units: Int)
}

public struct StartedRun: Sendable {
    public var run: Run
    /// 0 for a new run.
    public var step: Int
}

public struct TrainingProgress: Sendable {
    public var step: Int
    public var steps: Int
    /// Whether `steps` is final: with a time limit only when warm-up has ended.
    public var stepsAreFixed: Bool
    public var epoch: Double
    /// A running average.
    public var trainingLoss: Double
    /// Of the last validation.
    public var validationLoss: Double?
    public var learningRate: Double
    public var unitsPerSecond: Double
    /// Nil until the number of steps is final.
    public var secondsLeft: Double?
    /// Seconds of training over all sessions of the run.
    public var seconds: Double
}

public struct ValidationReport: Sendable {
    public var step: Int
    public var epoch: Double
    public var trainingLoss: Double
    public var validationLoss: Double
    public var isBest: Bool
    /// Seconds of training over all sessions of the run.
    public var seconds: Double
}

/// Why training returned.
public enum TrainingOutcome: Sendable {
    case finished(TrainingResult)
    /// Saved and ready to be resumed.
    case stopped(step: Int, reason: StopReason)

    public enum StopReason: String, Sendable {
        /// Asked for by `--stop-after`.
        case stopAfter
        /// Asked for from outside: Ctrl-C.
        case interrupted
        case timeLimit
    }
}

public struct TrainingResult: Sendable {
    public var steps: Int
    /// The step whose weights are best.
    public var bestStep: Int
    /// Of the best weights over the held-out part; nil if nothing was held out.
    public var score: FinalScore?
    /// Validation stopped improving.
    public var endedEarly: Bool
    public var seconds: Double
}
