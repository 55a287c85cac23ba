import TensorCore
import TextCorpora
import TrainingRuns

/// How much of the held-out part is read, and what that takes.
enum ValidationCost {
    /// Units read to score a held-out part in lanes, warm-up included: each costs about a third of its training.
    static func unitsRead(_ validationUnits: Int) -> Int {
        let scored = min(1_000_000, validationUnits)
        return scored + 256 * max(1, min(64, scored / 256))
    }
}

extension TimeCost {
    /// What validations, saves and samples add to the time of training, judged by the time of a step.
    /// - Parameter alone: seconds to score a unit in one stream, see ``measureStream(_:corpus:in:)``.
    init(
        plan: LanguageModelPlan, validationUnits: Int, secondsPerStep perStep: Double,
        secondsPerStreamedUnit alone: Double
    ) {
        let heldOut = Double(min(1_000_000, validationUnits)), weightBytes = Double(4 * plan.model.parameterCount)
        let unitsRead = Double(ValidationCost.unitsRead(validationUnits))
        let inBlocks = unitsRead * perStep / Double(plan.lanes * plan.window) / 2.5
        // Weights and two slots, written twice and waited for.
        let save = 6 * weightBytes / 1e9 + 0.02
        let sample = plan.sampleEvery.map { 160 * alone / Double($0) } ?? 0
        self.init(
            secondsPerStep: perStep + (inBlocks + save) / Double(plan.evaluateEvery) + sample,
            finalSeconds: inBlocks + save + heldOut * alone)
    }

    /// Seconds for one unit in one stream, from a few hundred: how fast weights are read depends on the caches.
    static func measureStream(_ model: LanguageModel, corpus: PreparedCorpus, in context: ComputeContext) -> Double {
        let range = corpus.split.validation.prefix(512)
        guard range.count > 1 else { return 0 }
        let clock = SessionClock()
        let scored = model.evaluate(.stream(corpus.tokens, range: range), in: context)
        return clock.sessionSeconds / Double(max(1, scored.units))
    }
}
