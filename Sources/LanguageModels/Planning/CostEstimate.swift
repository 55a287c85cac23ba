public import TensorCore
import TextCorpora
import Training

/// What a plan will take, from a few real steps of the real model on the real text.
public struct CostEstimate: Equatable, Sendable {
    public var secondsPerStep: Double
    public var unitsPerSecond: Double
    /// Steps of the run; with a time limit, those that fit.
    public var steps: Int
    /// The whole run, with validations and the final score.
    public var seconds: Double
    /// Bytes at the peak, the text included.
    public var memory: Int

    /// Trains for about two seconds, at least three steps, on a model of its own; nothing is stored.
    public static func measure(plan: TrainingPlan, corpus: PreparedCorpus, in context: ComputeContext) -> CostEstimate {
        let model = LanguageModel(plan.model, seed: plan.seed, in: context)
        let secondsPerStep = measureStep(model, plan, corpus, in: context)
        let validation = ValidationCost(
            plan: plan, validationUnits: corpus.split.validation.count, secondsPerStep: secondsPerStep,
            secondsPerStreamedUnit: ValidationCost.measureStream(model, corpus: corpus, in: context))
        var steps = plan.steps
        if let limit = plan.timeLimit, !plan.stepsAreFixed { steps = validation.steps(within: limit) }
        var seconds = Double(steps) * validation.secondsPerStep + validation.finalSeconds
        if let limit = plan.timeLimit { seconds = min(seconds, limit) }
        return CostEstimate(
            secondsPerStep: secondsPerStep,
            unitsPerSecond: Double(plan.lanes * plan.window) / secondsPerStep, steps: steps, seconds: seconds,
            memory: plan.model.trainingMemory(lanes: plan.lanes, window: plan.window) + corpus.memory)
    }

    private static func measureStep(
        _ model: LanguageModel, _ plan: TrainingPlan, _ corpus: PreparedCorpus, in context: ComputeContext
    ) -> Double {
        let trainer = TrainingStep(model: model, clipping: plan.clipping, seed: plan.seed, context: context)
        var batches = TrainingBatches(plan, corpus.tokens, range: corpus.split.training, replacement: nil)
        var optimizer = plan.optimizer.makeOptimizer()
        var state = ModelState(zerosFor: plan.model, lanes: plan.lanes)
        var clock = SessionClock()
        var step = 0
        while step < 3 || (clock.sessionSeconds < 2 && step < 200) {
            let batch = batches.next(), began = clock.sessionSeconds
            let found = trainer.gradients(batch, state: state, step: step)
            optimizer.update(
                model.parameters, along: found.tensors, rate: Float(plan.learningRateSchedule.rate(at: step)),
                scale: found.clip.scale, in: context)
            state = ModelState(zerosFor: plan.model, lanes: batch.lanes)
            clock.stepDone(units: batch.inputs.count, seconds: clock.sessionSeconds - began)
            step += 1
        }
        return clock.secondsPerStep
    }
}
