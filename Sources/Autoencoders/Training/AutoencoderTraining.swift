package import Checkpoints
package import Images
package import TensorCore
package import TrainingRuns

/// Trains an autoencoder into a store: a new run, or one that goes on.
package typealias AutoencoderTraining = TrainingSession<AutoencoderTask>

extension TrainingSession where Task == AutoencoderTask {
    /// A new run, created in the store.
    /// - Parameter start: the model whose weights it begins with, as the plan says; nil: the plan's seed makes them.
    /// - Throws: ``StoreError``, `RunError`; of a plan that this machine has no memory for, before anything is made.
    package convenience init(
        plan: AutoencoderPlan, pictures: PreparedPictures, store: CheckpointStore, name: String? = nil,
        startingFrom start: Autoencoder? = nil, in context: ComputeContext
    ) throws {
        try plan.checkMemory(data: pictures.memory)
        let task = AutoencoderTask(plan, pictures: pictures, in: context)
        if let start { try task.start(with: start) }
        try self.init(
            task, plan: plan,
            description: RunDescription(
                name: name, baseName: pictures.record.baseName, kind: AutoencoderTask.runKind, configuration: plan,
                corpus: pictures.record),
            store: store, in: context)
    }

    /// A run that goes on from its latest checkpoint, bit for bit as if it had never stopped.
    /// - Parameters:
    ///   - paths: where the pictures are now, and those held out by their paths; empty: where they were.
    ///   - progress: while they are read: pictures done, of how many; false ends the reading.
    /// - Throws: ``StoreError``, `ImageError`, ``AutoencoderError``, `RunError`.
    package static func resume(
        _ run: Run, paths: [String] = [], heldOutPaths: [String] = [], options: ResumeOptions = ResumeOptions(),
        loading: LoadingOptions = LoadingOptions(), store: CheckpointStore, in context: ComputeContext,
        progress: (_ done: Int, _ count: Int) -> Bool = { _, _ in true }
    ) throws -> AutoencoderTraining {
        let plan = try run.configuration(as: AutoencoderPlan.self), record = try run.corpus(as: PictureRecord.self)
        if let file = record.importedFrom { throw AutoencoderError.imported(run: run.name, from: file) }
        try plan.check(with: record)
        let hasSaved = try store.checkpoints(of: run.id).contains(where: \.isLatest)
        let stored =
            hasSaved
            ? try store.loadCheckpoint(.latest, of: run.id, sections: [.buffer], mustBeFinite: false).sections : [:]
        return try resume(run, plan: plan, options: options, store: store, in: context) { plan in
            try plan.checkMemory()
            let pictures = try PreparedPictures.reread(
                record, run: run.name, format: plan.model.format, at: paths,
                heldOutAt: heldOutPaths,
                baseline: PictureBaseline(
                    stored[.buffer] ?? NamedTensors(), totalVariance: record.baselineVariance,
                    format: plan.model.format),
                components: hasSaved ? 0 : plan.model.code, loading: loading, in: context, progress: progress)
            return AutoencoderTask(plan, pictures: pictures, in: context)
        }
    }
}
