package import Checkpoints
package import Kernels
package import TensorCore
package import TextCorpora
import TrainingRuns

/// A model from a store, ready to write and to score.
package struct SavedLanguageModel {
    package let run: Run
    package let plan: LanguageModelPlan
    package let corpus: CorpusRecord
    package let model: LanguageModel
    /// The step whose weights these are.
    package let step: Int
    /// The validation loss of those weights, as training measured it, in nats per unit; nil if it did not.
    package let validationLoss: Double?

    package var vocabulary: Vocabulary { corpus.vocabulary }

    /// - Parameter precision: what the model writes and scores in.
    /// - Throws: ``StoreError`` or ``RunError/damagedCheckpoint(_:)``.
    package static func load(
        _ selection: RunSelection, checkpoint: CheckpointSelection = .best, from store: CheckpointStore,
        precision: WritingPrecision = .single, in context: ComputeContext
    ) throws -> SavedLanguageModel {
        let run = try store.runToUse(selection, kind: LanguageModel.runKind)
        let plan = try run.configuration(as: LanguageModelPlan.self), corpus = try run.corpus(as: CorpusRecord.self)
        guard plan.model.classes == corpus.vocabulary.count else {
            throw RunError.damagedCheckpoint(
                "its model has \(plan.model.classes) classes, its vocabulary \(corpus.vocabulary.count) units")
        }
        try corpus.checkParts()
        guard corpus.leadIns?.fits(classes: plan.model.classes) ?? true else {
            throw RunError.damagedCheckpoint("its lead-ins have ids that its vocabulary lacks")
        }
        let stored = try store.checkpointToUse(checkpoint, of: run)
        let weights = stored.sections[.parameter] ?? NamedTensors()
        try weights.check(plan.parameterShapes)
        if let name = plan.model.overflowing(weights) {
            throw RunError.damagedCheckpoint(
                "\(name) holds numbers so large that sums of them are beyond single precision")
        }
        var model = try LanguageModel(plan.model, weights: weights, in: context)
        model.precision = precision
        return SavedLanguageModel(
            run: run, plan: plan, corpus: corpus, model: model, step: stored.step, validationLoss: stored.validationLoss
        )
    }
}
