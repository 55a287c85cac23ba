public import Checkpoints
public import TensorCore
public import TextCorpora

/// A model from a store, ready to write and to score.
public struct SavedModel {
    public let run: Run
    public let plan: TrainingPlan
    public let corpus: CorpusRecord
    public let model: LanguageModel
    /// The step whose weights these are.
    public let step: Int
    /// Of those weights while training, nats per unit.
    public let validationLoss: Double?

    public var vocabulary: Vocabulary { corpus.vocabulary }

    /// - Throws: ``StoreError`` or ``LanguageModelError/damagedCheckpoint(_:)``.
    public static func load(
        _ selection: RunSelection, checkpoint: CheckpointSelection = .best, from store: CheckpointStore,
        in context: ComputeContext
    ) throws -> SavedModel {
        let run = try find(selection, in: store)
        let plan = try run.configuration(as: TrainingPlan.self), corpus = try run.corpus(as: CorpusRecord.self)
        guard plan.model.classes == corpus.vocabulary.count else {
            throw LanguageModelError.damagedCheckpoint(
                "its model has \(plan.model.classes) classes, its vocabulary \(corpus.vocabulary.count) units")
        }
        let stored = try loadWeights(checkpoint, of: run, from: store)
        let model = LanguageModel(plan.model, seed: 0, in: context)
        try model.load(stored.sections[.parameter] ?? NamedTensors())
        return SavedModel(
            run: run, plan: plan, corpus: corpus, model: model, step: stored.step, validationLoss: stored.validationLoss
        )
    }

    /// Before any run has been validated, the newest one is what there is.
    private static func find(_ selection: RunSelection, in store: CheckpointStore) throws -> Run {
        do {
            return try store.run(selection, kind: LanguageModel.runKind)
        } catch StoreError.noCheckpoint where selection == .newestWithBest {
            return try store.run(.latest, kind: LanguageModel.runKind)
        }
    }

    /// A run that was never validated has no best checkpoint: its latest one will do.
    private static func loadWeights(
        _ checkpoint: CheckpointSelection, of run: Run, from store: CheckpointStore
    ) throws -> Checkpoint {
        do {
            return try store.loadCheckpoint(checkpoint, of: run.id, sections: [.parameter])
        } catch StoreError.noCheckpoint where checkpoint == .best {
            return try store.loadCheckpoint(.latest, of: run.id, sections: [.parameter])
        }
    }
}
