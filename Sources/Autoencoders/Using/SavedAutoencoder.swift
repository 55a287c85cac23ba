import Autodiff
package import Checkpoints
package import Images
import Layers
import Requirements
package import TensorCore
import TrainingRuns

/// An autoencoder from a store, ready to encode and to decode.
package struct SavedAutoencoder {
    package let run: Run
    package let plan: AutoencoderPlan
    package let record: PictureRecord
    package let model: Autoencoder
    /// Principal components of the training pictures, as many as the code has numbers; nil if there were too few.
    package let baseline: PictureBaseline?
    /// The step whose weights these are.
    package let step: Int
    /// The validation loss of those weights, as training measured it; nil if it did not.
    package let validationLoss: Double?

    package var format: PictureFormat { plan.model.format }
    /// K, numbers in a code.
    package var codeSize: Int { plan.model.code }
    /// The fingerprint of the weights: codes mean something to those alone that made them.
    package var fingerprint: String { weightsSHA256(of: model.weights) }

    /// - Throws: ``StoreError`` or `RunError.damagedCheckpoint`.
    package static func load(
        _ selection: RunSelection, checkpoint: CheckpointSelection = .best, from store: CheckpointStore,
        in context: ComputeContext
    ) throws -> SavedAutoencoder {
        let run = try store.runToUse(selection, kind: AutoencoderTask.runKind)
        let plan = try run.configuration(as: AutoencoderPlan.self), record = try run.corpus(as: PictureRecord.self)
        try plan.checkModel(with: record)
        let stored = try store.checkpointToUse(checkpoint, of: run)
        let weights = stored.sections[.parameter] ?? NamedTensors()
        try weights.check(plan.parameterShapes)
        let model = Autoencoder(plan.model, seed: 0, in: context)
        try model.load(weights)
        let buffers = stored.sections[.buffer] ?? NamedTensors()
        try model.loadBuffers(buffers)
        let saved = SavedAutoencoder(
            run: run, plan: plan, record: record, model: model,
            baseline: PictureBaseline(
                buffers, totalVariance: record.baselineVariance, format: plan.model.format), step: stored.step,
            validationLoss: stored.validationLoss)
        try saved.checkNumbers(in: context)
        return saved
    }

    /// Weights may be numbers so large that what they make of a picture is none: seen before a picture of the user's.
    private func checkNumbers(in context: ComputeContext) throws(RunError) {
        let count = format.count
        // White, and from black to white.
        let values = (0..<2 * count).map { $0 < count ? 1 : Float($0 - count) / Float(count) }
        let pictures = Tensor(values, shape: [2, format.channels, format.height, format.width])
        let codes = encode(pictures, in: context)
        guard codes.isFinite, decode(codes, in: context).isFinite else {
            throw .damagedCheckpoint("its weights are so large that codes and pictures are beyond single precision")
        }
    }

    /// Pictures [N, C, H, W] in 0...1 to codes [N, K]; of a variational model the means.
    package func encode(_ pictures: Tensor, in context: ComputeContext) -> Tensor {
        let tape = Tape(in: context, recording: false)
        return model.encode(tape.constant(pictures), mode: .inference).code.value
    }

    /// Codes [N, K] to pictures [N, C, H, W] in 0...1.
    package func decode(_ codes: Tensor, in context: ComputeContext) -> Tensor {
        require(codes.shape.columns == codeSize, "codes of shape \(codes.shape) for a model of \(codeSize)")
        let tape = Tape(in: context, recording: false)
        return model.decode(tape.constant(codes), mode: .inference).sigmoid().value
    }

    /// Pictures to codes and back.
    package func reconstruct(_ pictures: Tensor, in context: ComputeContext) -> Tensor {
        decode(encode(pictures, in: context), in: context)
    }

    /// Pictures as a denoising model is shown them in training.
    package func spoiled(_ pictures: Tensor, by random: RandomStream, in context: ComputeContext) -> Tensor {
        AutoencoderLoss(configuration: plan.model).spoiled(pictures, by: random, in: context)
    }

    /// How well pictures come back, beside principal components of the training pictures.
    /// - Parameter onProgress: called with the pictures done so far.
    /// - Returns: nil if it was stopped.
    package func evaluate(
        _ source: any PictureSource, _ indices: [Int], in context: ComputeContext, shouldStop: () -> Bool = { false },
        onProgress: (Int) -> Void = { _ in }
    ) throws -> AutoencoderEvaluation? {
        try evaluate([(source, indices)], in: context, shouldStop: shouldStop, onProgress: onProgress)
    }

    /// Measures how well the pictures of several sources come back, all together.
    package func evaluate(
        _ parts: [(source: any PictureSource, indices: [Int])], in context: ComputeContext,
        shouldStop: () -> Bool = { false }, onProgress: (Int) -> Void = { _ in }
    ) throws -> AutoencoderEvaluation? {
        try AutoencoderEvaluation.measure(
            model, parts, baseline: baseline, in: context, shouldStop: shouldStop,
            onProgress: onProgress)
    }

    /// The pictures the run was trained on, split as they were then.
    /// - Parameters:
    ///   - paths: where they are now, and those held out by their paths; empty: where they were.
    ///   - progress: while they are read: pictures done, of how many; false ends the reading.
    /// - Throws: ``AutoencoderError/otherPictures(run:areHeldOut:expected:found:)``,
    ///   ``AutoencoderError/picturesNotFound(run:paths:heldOutPaths:reason:)``, `CancellationError` if `progress` ended it.
    package func pictures(
        at paths: [String] = [], heldOutAt heldOutPaths: [String] = [], loading: LoadingOptions = LoadingOptions(),
        in context: ComputeContext,
        progress: PreparedPictures.Progress = { _, _ in true }
    ) throws -> PreparedPictures {
        try PreparedPictures.reread(
            record, run: run.name, format: format, at: paths, heldOutAt: heldOutPaths, baseline: baseline,
            loading: loading, in: context, progress: progress)
    }
}
