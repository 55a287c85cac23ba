package import Autodiff
package import Checkpoints
import Images
import Layers
package import TensorCore
import Training
package import TrainingRuns

/// An autoencoder being trained on pictures.
package final class AutoencoderTask: TrainingTask {
    package static var runKind: String { "ae" }
    package static var finalMetric: String { "best_validation_loss" }

    package let pictures: PreparedPictures
    package let model: Autoencoder
    private let plan: AutoencoderPlan
    private let loss: AutoencoderLoss
    private let context: ComputeContext
    private let reader: TrainingPictures
    /// What the held-out pictures come to with the best weights, once they have been scored.
    package private(set) var finalEvaluation: AutoencoderEvaluation?
    /// Held-out pictures that could not be read.
    private var missingHeldOut = MissingPictures()
    /// The kinds of events that were told of: each once, however often pictures are missing.
    private var toldOf: Set<String> = []
    /// Where the last gradients leave the cursor; what they leave of the running statistics the model's buffers propose.
    private var following: PictureCursor?

    /// A run that starts from another one's weights is given them by ``start(with:)``.
    package init(_ plan: AutoencoderPlan, pictures: PreparedPictures, in context: ComputeContext) {
        (self.plan, self.pictures, self.context) = (plan, pictures, context)
        model = Autoencoder(plan.model, seed: plan.seed, in: context)
        loss = AutoencoderLoss(configuration: plan.model)
        reader = TrainingPictures(
            pictures.training,
            order: PictureOrder(training: pictures.trainingIndices, batch: plan.batch, seed: plan.seed),
            augmentation: plan.augmentation, in: context)
    }

    // MARK: State

    package var parameters: [Parameter] { model.parameters }

    /// Weights that came from another run nobody makes again: they are kept.
    package var initialWeights: ((ComputeContext) -> NamedTensors)? {
        guard plan.startedFrom == nil else { return nil }
        return { [plan] in Autoencoder(plan.model, seed: plan.seed, in: $0).weights }
    }

    /// Takes over another model's weights, and its running statistics.
    /// - Throws: ``RunError/damagedCheckpoint(_:)`` if it has other sizes.
    func start(with other: Autoencoder) throws(RunError) {
        try model.load(other.weights)
        try model.loadBuffers(NamedTensors(other.buffers.map { ($0.name, $0.value) }))
    }

    /// Running statistics, and the principal components that every report compares with.
    package var companions: [Checkpoint.Section: NamedTensors] {
        var tensors = NamedTensors(model.buffers.map { ($0.name, $0.value) })
        for (name, tensor) in pictures.baseline?.tensors ?? NamedTensors() { tensors[name] = tensor }
        return [.buffer: tensors]
    }

    package func setCompanions(_ tensors: [Checkpoint.Section: NamedTensors]) throws(RunError) {
        try model.loadBuffers(tensors[.buffer] ?? NamedTensors())
    }

    package var cursor: PictureCursor {
        get { reader.cursor }
        set { reader.cursor = newValue }
    }

    package func accepts(_ cursor: PictureCursor) -> Bool { reader.accepts(cursor) }

    // MARK: Steps

    /// That of answering every picture with the mean of all that train.
    package var guessingLoss: Double? {
        guard let principal = pictures.baseline?.principal else { return nil }
        return loss.ofMeanPicture(principal.mean, variance: principal.totalVariance)
    }

    package func gradients(step: Int) throws -> StepGradients {
        let (pixels, next) = try reader.batch()
        let tape = Tape(in: context, precision: plan.precision)
        let random = RandomStream(seed: plan.seed, stream: 0, step: UInt64(step))
        let value = loss.training(
            model, pixels, random: random, divergenceWeight: divergenceWeight(step: step), on: tape)
        var tensors = tape.backward(from: value).named(model.parameters)
        let clip = plan.clipping.apply(to: &tensors, in: context)
        following = next
        return StepGradients(
            loss: Double(value.value.scalar), tensors: tensors, clip: clip, units: pixels.shape[0])
    }

    package func advance() {
        guard let following else { fatalError("advance without gradients") }
        reader.cursor = following
        for buffer in model.buffers { buffer.commit() }
        self.following = nil
    }

    private func divergenceWeight(step: Int) -> Double {
        guard let warmUp = plan.divergenceWarmUp, warmUp > 0 else { return 1 }
        return min(1, Double(step + 1) / Double(warmUp))
    }

    // MARK: Held-out pictures

    package var hasValidation: Bool { !pictures.validationIndices.isEmpty }

    package func validationLoss(shouldStop: () -> Bool) throws -> Double {
        try evaluate(model, onlyLoss: true, shouldStop: shouldStop)?.loss ?? .nan
    }

    package func takeEvents() -> [(kind: String, message: String)] {
        [
            (kind: "pictures_missing", what: "to train on", missing: reader.missing),
            (kind: "held_out_pictures_missing", what: "held out", missing: missingHeldOut),
        ].compactMap { kind, what, missing in
            guard let first = missing.first, toldOf.insert(kind).inserted else { return nil }
            let pictures = missing.count == 1 ? "1 picture" : "\(missing.count) pictures"
            return (kind, "\(pictures) \(what) cannot be read, and left out; the first: \(first)")
        }
    }

    package func sample(step: Int) -> SampleRecord? { nil }

    /// The loss of the held-out pictures with the best weights.
    package func score(
        weights: [Checkpoint.Section: NamedTensors]?, onStart: (_ units: Int) -> Void, shouldStop: () -> Bool
    ) throws -> FinalScore? {
        var scored = model
        if let weights {
            // A model of its own: this one has to stay as it is saved, in case training is to go on.
            scored = Autoencoder(plan.model, seed: plan.seed, in: context)
            try scored.load(weights[.parameter] ?? NamedTensors())
            try scored.loadBuffers(weights[.buffer] ?? NamedTensors())
        }
        onStart(pictures.validationIndices.count)
        finalEvaluation = try evaluate(scored, onlyLoss: false, shouldStop: shouldStop)
        return finalEvaluation.map { FinalScore(loss: $0.loss, units: $0.images, guessing: guessing(over: $0)) }
    }

    /// Held-out pictures may be unlike those that train: their mean picture is not known, but principal components of the
    /// others do no worse than it.
    private func guessing(over evaluation: AutoencoderEvaluation) -> Double? {
        guard !plan.model.kind.isVariational, let guessingLoss else { return nil }
        return max(guessingLoss, (evaluation.baselineError ?? 0) * loss.scale)
    }

    /// - Returns: nil if it was stopped.
    private func evaluate(
        _ model: Autoencoder, onlyLoss: Bool, shouldStop: () -> Bool
    ) throws -> AutoencoderEvaluation? {
        let evaluation = try AutoencoderEvaluation.measure(
            model, [(pictures.validation, pictures.validationIndices)],
            baseline: pictures.baseline, onlyLoss: onlyLoss, in: context, shouldStop: shouldStop)
        missingHeldOut.add(evaluation?.failures ?? [])
        return evaluation
    }

    package func timeCost(_ plan: AutoencoderPlan, secondsPerStep: Double) -> TimeCost {
        // A forward pass takes about a third of a step for each picture.
        let validation = Double(pictures.validationIndices.count) / Double(plan.batch) * secondsPerStep / 2.5
        let save = 6 * 4 * Double(plan.model.parameterCount) / 1e9 + 0.02
        return TimeCost(
            secondsPerStep: secondsPerStep + (validation + save) / Double(plan.evaluateEvery),
            finalSeconds: 3 * validation + save)
    }
}
