import Checkpoints
public import Foundation
import TrainingRuns

/// What happens while ``Trainer/fit(_:batch:epochs:validation:validateEvery:patience:store:name:onEvent:shouldStop:)`` trains.
public enum FitEvent: Sendable {
    /// After every step.
    case step(FitProgress)
    /// After every scoring of the held-out examples; where none are held out, after every pass over the examples.
    case epoch(FitProgress)
    /// The loss or the gradients were not finite: training stands at an earlier step again, with a lower rate.
    case wentBack(fromStep: Int, toStep: Int, reason: String)
    /// A checkpoint is in the store.
    case saved(step: Int)
    /// The store did not take a checkpoint. Training goes on, and saving is tried again.
    case notSaved(step: Int, reason: String)
    /// The store is gone, or was: what was trained is in another one, at this path, under this name.
    case moved(storePath: String, run: String, reason: String)
}

/// How far training is. It prints as `epoch 3, loss 0.2441, held out 0.3012 (best so far)`.
public struct FitProgress: Sendable, Equatable, CustomStringConvertible {
    /// Steps done.
    public let step: Int
    /// Passes over the examples done, with fraction.
    public let epoch: Double
    /// A running average over the last steps.
    public let trainingLoss: Double
    /// Over the held-out examples, when it was last measured; nil before that.
    public let validationLoss: Double?
    /// Whether validation has just found these weights better than all before.
    public let isBest: Bool
    /// Seconds of training, those of interrupted calls included.
    public let seconds: Double

    /// For instance `epoch 3, loss 0.2441, held out 0.3012 (best so far)`.
    public var description: String {
        String(format: "epoch %g, loss %.4f", (epoch * 100).rounded() / 100, trainingLoss)
            + (validationLoss.map { String(format: ", held out %.4f", $0) } ?? "") + (isBest ? " (best so far)" : "")
    }
}

/// How a fit ended.
public struct FitReport: Sendable, Equatable {
    /// Whether it came to its end; false if `shouldStop` ended it.
    public let isFinished: Bool
    /// Whether validation had found nothing better for as long as patience allows.
    public let endedEarly: Bool
    /// Steps done.
    public let steps: Int
    /// The step whose weights the model has; nil: the last, since nothing was validated or training was stopped.
    public let bestStep: Int?
    /// What those weights reach on the held-out examples; nil as `bestStep`.
    public let validation: Evaluation?
    /// The run's name in the store; nil without a store.
    public let run: String?
    /// Path of the store that has the run: another one than was given only if that was lost, or took nothing any more.
    public let storePath: String?

    init(_ outcome: TrainingOutcome, _ task: FitTask, run: String?, storePath: String?) {
        switch outcome {
        case .finished(let result):
            (isFinished, endedEarly, steps) = (true, result.endedEarly, result.steps)
            (bestStep, validation) = (result.score == nil ? nil : result.bestStep, task.finalEvaluation)
        case .stopped(let step, _):
            (isFinished, endedEarly, steps, bestStep, validation) = (false, false, step, nil, nil)
        }
        (self.run, self.storePath) = (run, storePath)
    }
}

extension FitEvent {
    /// Tells what an event of the loop is in a fit.
    static func pass(_ event: TrainingEvent, _ plan: FitPlan, to onEvent: (FitEvent) -> Void) {
        switch event {
        case .progress(let progress):
            let report = FitProgress(
                step: progress.step, epoch: progress.epoch, trainingLoss: progress.trainingLoss,
                validationLoss: progress.validationLoss, isBest: false, seconds: progress.seconds)
            onEvent(.step(report))
            if plan.validation == nil, progress.step % plan.stepsPerEpoch == 0 { onEvent(.epoch(report)) }
        case .validated(let report):
            onEvent(
                .epoch(
                    FitProgress(
                        step: report.step, epoch: report.epoch, trainingLoss: report.trainingLoss,
                        validationLoss: report.validationLoss, isBest: report.isBest, seconds: report.seconds)))
        case .rolledBack(let step, let to, let reason, _):
            onEvent(.wentBack(fromStep: step, toStep: to, reason: reason))
        case .saved(let step), .savedAgain(let step): onEvent(.saved(step: step))
        case .notSaved(let step, let reason): onEvent(.notSaved(step: step, reason: "\(reason)"))
        case .moved(let rescue):
            onEvent(.moved(storePath: rescue.storePath, run: rescue.run, reason: "\(rescue.reason)"))
        case .started, .validating, .sampled, .tookOver, .stepsFixed, .scoring: break
        }
    }
}

/// What can go wrong with training, apart from data and store. Descriptions say what to do.
public enum TrainerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The loss stayed infinite or not a number, however often training went back.
    case diverged(step: Int, reason: String)
    /// The store has a run of this name that was trained otherwise.
    case otherRun(name: String, difference: String)
    /// The store has a run of this name that has done all its steps.
    case finished(name: String)
    /// Anything else about the run: its checkpoint is damaged, or another process has taken it over.
    case run(String)

    static func translating<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as RunError {
            switch error {
            case .diverged(let step, let reason, _): throw TrainerError.diverged(step: step, reason: reason)
            case .runFinished(let run, _): throw TrainerError.finished(name: run)
            case .weightsAlone(let run):
                throw TrainerError.run(
                    "the run '\(run)' holds its weights alone, and cannot go on. Choose another name, and begin with them: "
                        + "`try model.load(store.weights(of: \"\(run)\"))`")
            default: throw TrainerError.run("\(error)")
            }
        }
    }

    /// A sentence for people.
    public var description: String {
        switch self {
        case .diverged(let step, let reason):
            "training diverged at step \(step): \(reason), and a lower rate did not help. Choose a rate ten times lower, or "
                + "limit the gradients with `clipNorm`"
        case .otherRun(let name, let difference):
            "the store has a run '\(name)' that cannot go on like this: \(difference). Choose another name, or train as "
                + "before"
        case .finished(let name):
            "the run '\(name)' is finished. Ask for more epochs, choose another name, or take its weights: "
                + "`try model.load(store.weights(of: \"\(name)\"))`"
        case .run(let text): text
        }
    }
}

extension TrainerError: LocalizedError {
    /// The description, for code that shows `localizedDescription`.
    public var errorDescription: String? { description }
}
