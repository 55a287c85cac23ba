package import Autodiff
package import Checkpoints
import Layers
package import TensorCore
package import TextCorpora
package import TrainingRuns

/// A language model being trained on a text: lanes of text with carried state, truncated back-propagation through time.
package final class LanguageModelTask: TrainingTask {
    package static var runKind: String { LanguageModel.runKind }
    package static var finalMetric: String { LanguageModel.bestValidationMetric }

    package let corpus: PreparedCorpus
    package let model: LanguageModel
    private let plan: LanguageModelPlan
    private let trainer: LanguageModelStep
    private let context: ComputeContext
    private var batches: LanguageModelBatches
    private var carried: LanguageModelState
    /// The longest window that the buffers kept in the workspace have served.
    private var longestWindow = 0
    /// Where the last gradients leave text and state.
    private var following: (batches: LanguageModelBatches, carried: LanguageModelState)?

    /// - Parameter initialWeights: makes those of the model once more.
    init(
        _ plan: LanguageModelPlan, model: LanguageModel, initialWeights: ((ComputeContext) -> NamedTensors)? = nil,
        corpus: PreparedCorpus, in context: ComputeContext
    ) {
        (self.plan, self.model, self.corpus, self.context) = (plan, model, corpus, context)
        self.initialWeights = initialWeights
        let training = corpus.split.training
        let replacement = UnitReplacement(for: corpus.vocabulary, trainingCount: training.count, seed: plan.seed)
        batches = LanguageModelBatches(plan, corpus.tokens, range: training, replacement: replacement)
        carried = LanguageModelState(zerosFor: plan.model, lanes: plan.lanes)
        trainer = LanguageModelStep(
            model: model, clipping: plan.clipping, precision: plan.precision, seed: plan.seed, context: context)
    }

    /// With weights that the plan's seed makes.
    package convenience init(_ plan: LanguageModelPlan, corpus: PreparedCorpus, in context: ComputeContext) {
        let makeModel = { LanguageModel(plan.model, seed: plan.seed, in: $0) }
        self.init(
            plan, model: makeModel(context), initialWeights: { makeModel($0).weights }, corpus: corpus, in: context)
    }

    /// - Parameter weights: to begin with; nil: those that the plan's seed makes.
    /// - Throws: `RunError` if they are not those of the plan's model.
    package convenience init(
        _ plan: LanguageModelPlan, corpus: PreparedCorpus, startingFrom weights: NamedTensors?,
        in context: ComputeContext
    ) throws {
        guard let weights else {
            self.init(plan, corpus: corpus, in: context)
            return
        }
        try weights.check(plan.parameterShapes)
        let model = LanguageModel(plan.model, seed: plan.seed, in: context)
        try model.load(weights)
        self.init(plan, model: model, corpus: corpus, in: context)
    }

    // MARK: State

    package var parameters: [Parameter] { model.parameters }
    package let initialWeights: ((ComputeContext) -> NamedTensors)?

    package var companions: [Checkpoint.Section: NamedTensors] { [.state: carried.named] }

    package func setCompanions(_ tensors: [Checkpoint.Section: NamedTensors]) throws(RunError) {
        carried = try LanguageModelState(
            named: tensors[.state] ?? NamedTensors(), configuration: plan.model, lanes: plan.lanes)
    }

    package var cursor: BatchCursor {
        get { batches.cursor }
        set { batches.cursor = newValue }
    }

    package func accepts(_ cursor: BatchCursor) -> Bool { batches.accepts(cursor) }

    // MARK: Steps

    /// That of all units being equally likely.
    package var guessingLoss: Double? { DeterministicMath.log(Double(plan.model.classes)) }

    package func gradients(step: Int) -> StepGradients {
        var ahead = batches
        let batch = ahead.next()
        if batch.steps > longestWindow {
            // What a shorter window has left is too small: without it there is room for this one's.
            emptyWorkspace()
            longestWindow = batch.steps
        }
        let before = batch.resetsState ? LanguageModelState(zerosFor: plan.model, lanes: batch.lanes) : carried
        let found = trainer.gradients(batch, state: before, step: step)
        following = (ahead, found.state)
        return StepGradients(loss: found.loss, tensors: found.tensors, clip: found.clip, units: batch.inputs.count)
    }

    package func advance() {
        guard let following else { fatalError("advance without gradients") }
        (batches, carried) = following
        self.following = nil
    }

    private func emptyWorkspace() {
        context.workspace.releaseAll()
        longestWindow = 0
    }

    // MARK: Held-out text

    package var hasValidation: Bool { !EvaluationPlan.scorable(corpus.split.validation).isEmpty }

    package func validationLoss(shouldStop: () -> Bool) -> Double {
        // Its windows have other shapes than a step's: only one of the two sets of buffers is kept at a time.
        emptyWorkspace()
        defer { emptyWorkspace() }
        let plan = LanguageModel.validationPlan(corpus.tokens, range: corpus.split.validation)
        return model.evaluate(plan, in: context, shouldStop: shouldStop).natsPerUnit
    }

    /// - Returns: nil while training has gone astray, and no unit has a probability: its loss will say so.
    package func sample(step: Int) -> SampleRecord? {
        let weights = model.weights
        guard weights.allSatisfy(\.tensor.isFinite), plan.model.overflowing(weights) == nil else { return nil }
        let options = SamplingOptions(temperature: 0.8, length: 160)
        var generator = TextGenerator(
            model: model, vocabulary: corpus.vocabulary, leadIns: corpus.record.leadIns, options: options,
            seed: plan.seed, index: step, in: context)
        return SampleRecord(
            step: step, temperature: options.temperature, seed: plan.seed, text: generator.text())
    }

    /// Nats per unit over the held-out part in one stream with carried state.
    package func score(
        weights: [Checkpoint.Section: NamedTensors]?, onStart: (Int) -> Void, shouldStop: () -> Bool
    ) throws -> FinalScore? {
        var scored = model
        if let weights {
            // A model of its own: this one has to stay as it is saved, in case training is to go on.
            scored = LanguageModel(plan.model, seed: plan.seed, in: context)
            try scored.load(weights[.parameter] ?? NamedTensors())
        }
        let plans = LanguageModel.finalPlans(corpus.tokens, range: corpus.split.validation)
        onStart(plans.reduce(0) { $0 + $1.scoredCount })
        var total = LanguageModelEvaluation(units: 0, nats: 0, bytes: 0)
        var wasStopped = false
        for plan in plans where !wasStopped {
            total =
                total
                + scored.evaluate(
                    plan, in: context,
                    shouldStop: {
                        wasStopped = shouldStop()
                        return wasStopped
                    })
        }
        return wasStopped ? nil : FinalScore(loss: total.natsPerUnit, units: total.units, guessing: guessingLoss)
    }

    package func timeCost(_ plan: LanguageModelPlan, secondsPerStep: Double) -> TimeCost {
        TimeCost(
            plan: plan, validationUnits: corpus.split.validation.count, secondsPerStep: secondsPerStep,
            secondsPerStreamedUnit: TimeCost.measureStream(model, corpus: corpus, in: context))
    }
}
