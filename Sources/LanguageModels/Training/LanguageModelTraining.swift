package import Checkpoints
package import TensorCore
package import TrainingRuns

/// Trains a language model into a store: a new run, or one that goes on.
package typealias LanguageModelTraining = TrainingSession<LanguageModelTask>

extension TrainingSession where Task == LanguageModelTask {
    /// A new run, created in the store.
    /// - Parameter weights: to start from (fine-tuning); the plan's seed makes them otherwise.
    /// - Throws: ``StoreError``, `RunError`; of a plan that this machine has no memory for, before anything is made.
    package convenience init(
        plan: LanguageModelPlan, corpus: PreparedCorpus, store: CheckpointStore, name: String? = nil,
        weights: NamedTensors? = nil, in context: ComputeContext
    ) throws {
        try plan.checkMemory(data: corpus.memory)
        try self.init(
            LanguageModelTask(plan, corpus: corpus, startingFrom: weights, in: context), plan: plan,
            description: RunDescription(
                name: name, baseName: corpus.record.baseName, kind: LanguageModel.runKind, configuration: plan,
                corpus: corpus.record),
            store: store, in: context)
    }

    /// A run that goes on from its latest checkpoint, bit for bit as if it had never stopped.
    /// - Parameter paths: where the text is now; empty: where it was.
    /// - Throws: ``StoreError``, ``LanguageModelError``, `RunError`.
    package static func resume(
        _ selection: RunSelection, paths: [String] = [], options: ResumeOptions = ResumeOptions(),
        store: CheckpointStore, in context: ComputeContext
    ) throws -> LanguageModelTraining {
        let run = try store.run(selection, kind: LanguageModel.runKind)
        let plan = try run.configuration(as: LanguageModelPlan.self), record = try run.corpus(as: CorpusRecord.self)
        if let file = record.importedFrom { throw LanguageModelError.imported(run: run.name, from: file) }
        try plan.check(with: record)
        return try resume(run, plan: plan, options: options, store: store, in: context) { plan in
            try plan.checkMemory()
            let corpus = try PreparedCorpus.reread(record, run: run.name, at: paths)
            guard plan.startedFrom != nil else { return LanguageModelTask(plan, corpus: corpus, in: context) }
            // It began with another run's weights, which the plan does not make.
            let model = LanguageModel(plan.model, seed: plan.seed, in: context)
            return LanguageModelTask(plan, model: model, corpus: corpus, in: context)
        }
    }
}
