import Autodiff
import Checkpoints
import LanguageModels
import TensorCore
import TrainingRuns

/// Seconds that pass when a test says so.
final class MadeUpTime {
    var seconds = 0.0
    /// How much longer everything takes than usual.
    var factor = 1.0

    func pass(_ usual: Double) { seconds += usual * factor }
}

/// A language model whose steps take a tenth of a second of made-up time, and its validations a quarter.
final class TimedTask: TrainingTask {
    private let task: LanguageModelTask
    private let time: MadeUpTime
    /// Thrown instead of the gradients of a step.
    var failure: (step: Int, error: any Error)?
    /// Gradients that were asked for, used or not.
    private(set) var gradientCount = 0

    init(_ task: LanguageModelTask, _ time: MadeUpTime) { (self.task, self.time) = (task, time) }

    static var runKind: String { LanguageModelTask.runKind }
    static var finalMetric: String { LanguageModelTask.finalMetric }

    var parameters: [Parameter] { task.parameters }
    var initialWeights: ((ComputeContext) -> NamedTensors)? { task.initialWeights }
    var companions: [Checkpoint.Section: NamedTensors] { task.companions }
    var guessingLoss: Double? { task.guessingLoss }
    var hasValidation: Bool { task.hasValidation }

    var cursor: LanguageModelTask.Cursor {
        get { task.cursor }
        set { task.cursor = newValue }
    }

    func setCompanions(_ tensors: [Checkpoint.Section: NamedTensors]) throws(RunError) {
        try task.setCompanions(tensors)
    }

    func accepts(_ cursor: LanguageModelTask.Cursor) -> Bool { task.accepts(cursor) }

    func gradients(step: Int) throws -> StepGradients {
        time.pass(0.1)
        gradientCount += 1
        if let failure, failure.step == step { throw failure.error }
        return task.gradients(step: step)
    }

    func advance() { task.advance() }

    func validationLoss(shouldStop: () -> Bool) throws -> Double {
        time.pass(0.25)
        return task.validationLoss(shouldStop: shouldStop)
    }

    func sample(step: Int) -> SampleRecord? { task.sample(step: step) }

    func score(
        weights: [Checkpoint.Section: NamedTensors]?, onStart: (_ units: Int) -> Void, shouldStop: () -> Bool
    ) throws -> FinalScore? {
        time.pass(0.5)
        return try task.score(weights: weights, onStart: onStart, shouldStop: shouldStop)
    }

    func timeCost(_ plan: LanguageModelPlan, secondsPerStep: Double) -> TimeCost {
        TimeCost(secondsPerStep: secondsPerStep + 0.25 / Double(plan.evaluateEvery), finalSeconds: 0.75)
    }
}

/// A session on one thread whose clock is made-up time.
func sessionInMadeUpTime(
    _ plan: LanguageModelPlan, _ corpus: PreparedCorpus, _ store: CheckpointStore, _ time: MadeUpTime
) throws -> TrainingSession<TimedTask> {
    let context = ComputeContext(threads: 1)
    let session = try TrainingSession(
        TimedTask(LanguageModelTask(plan, corpus: corpus, in: context), time), plan: plan,
        description: RunDescription(
            baseName: "text", kind: LanguageModel.runKind, configuration: plan, corpus: corpus.record),
        store: store, in: context)
    session.now = { time.seconds }
    return session
}
