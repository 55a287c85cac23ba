import Autodiff
import Checkpoints
import Layers
import Requirements
import TensorCore
import Training
import TrainingRuns

/// What decides a fit, as it is stored with its run.
struct FitPlan: RunPlan, Equatable {
    var settings: RunSettings
    /// The settings name the kind of schedule; this has its numbers as well.
    let rate: LearningRateSchedule
    let clipValue: Float?
    let batch: Int
    let loss: String
    /// What tells the examples from others; empty in a fit that no store keeps, where nobody asks.
    let training: String
    let validation: String?
    let shapes: [ParameterShape]

    struct ParameterShape: Codable, Equatable {
        let name: String
        let shape: [Int]
    }

    init(
        _ trainer: Trainer, _ training: Dataset, _ validation: Dataset?, batch: Int, epochs: Int, validateEvery: Int,
        patience: Patience, isStored: Bool
    ) {
        require(batch >= 1, "a batch has 1 or more examples, not \(batch)")
        let stepsPerEpoch = (training.count - 1) / batch + 1
        func stepCount(_ epochs: Int) -> Int { (PlannedAmount(epochs) * PlannedAmount(stepsPerEpoch)).value }
        let steps = stepCount(epochs)
        require(
            steps <= largestStepCount,
            "training takes up to \(largestStepCount) steps, and \(epochs) passes over the examples are more: with this "
                + "batch \(largestStepCount / stepsPerEpoch) are the most")
        settings = RunSettings(
            steps: steps, stepsPerEpoch: stepsPerEpoch, optimizer: trainer.optimizer.configuration,
            learningRate: trainer.optimizer.rate, schedule: trainer.schedule.kind, warmUp: trainer.warmUp,
            clipNorm: trainer.clipping.maximumNorm, patience: patience.limited,
            evaluateEvery: min(stepCount(validateEvery), largestStepCount),
            seed: trainer.seed)
        rate = LearningRateSchedule(
            base: settings.learningRate, shape: trainer.schedule, steps: settings.steps, warmUp: settings.warmUp)
        clipValue = trainer.clipping.maximumValue
        (self.batch, loss) = (batch, trainer.loss.name)
        // A digest of all examples: made only for a store, which may be asked whether they are the same.
        func fingerprint(_ data: Dataset) -> String { isStored ? data.fingerprint : "" }
        (self.training, self.validation) = (fingerprint(training), validation.map(fingerprint))
        shapes = trainer.model.parameters.map { ParameterShape(name: $0.name, shape: $0.value.shape.dimensions) }
    }

    var sampleEvery: Int? { nil }
    var learningRateSchedule: LearningRateSchedule {
        LearningRateSchedule(
            base: settings.learningRate, shape: rate.shape, steps: settings.steps, warmUp: settings.warmUp)
    }
    var clipping: GradientClipping { GradientClipping(maximumNorm: settings.clipNorm, maximumValue: clipValue) }
    var parameterShapes: [(name: String, shape: Shape)] { shapes.map { ($0.name, Shape($0.shape)) } }
    var trainingMemory: Int { 0 }
    static var memoryOptions: String { "`batch`" }

    /// What a stored plan has otherwise, in words; nil: nothing, or fewer steps.
    func difference(from stored: FitPlan) -> String? {
        func differs<Value: Equatable>(_ path: KeyPath<FitPlan, Value>) -> Bool {
            self[keyPath: path] != stored[keyPath: path]
        }
        if differs(\.training) { return "the examples to learn from are others" }
        if differs(\.validation) { return "the examples held out are others" }
        if differs(\.shapes) { return "the model has other parameters" }
        if differs(\.loss) { return "the loss was \(stored.loss)" }
        if differs(\.batch) { return "the batch had \(stored.batch) examples" }
        if differs(\.settings.optimizer) || differs(\.settings.learningRate) {
            return "the optimizer or its rate was another"
        }
        if differs(\.rate.shape) || differs(\.settings.warmUp) { return "the schedule of the rate was another" }
        if differs(\.clipping) { return "gradients were clipped otherwise" }
        if differs(\.settings.seed) { return "the seed was \(stored.settings.seed)" }
        if differs(\.settings.patience) { return "the patience was another" }
        if differs(\.settings.evaluateEvery) { return "held-out examples were scored at other steps" }
        if settings.steps < stored.settings.steps { return "it was to train for \(Int(stored.epochs)) epochs" }
        return nil
    }
}

/// A model being trained on examples.
final class FitTask: TrainingTask {
    static var runKind: String { "network" }
    static var finalMetric: String { "best_validation_loss" }

    /// Where in the examples training stands.
    struct Cursor: Codable, Equatable, Sendable {
        var epoch = 0
        /// In this pass.
        var batch = 0
    }

    var cursor = Cursor()
    var plan: FitPlan
    let training: Dataset
    let parameters: [Parameter]
    /// What the held-out examples come to with the best weights, once they have been scored.
    private(set) var finalEvaluation: Evaluation?
    private let trainer: Trainer
    private let validation: Dataset?
    private let buffers: [Buffer]
    private var batches: (epoch: Int, positions: [[Int]])?

    init(_ trainer: Trainer, plan: FitPlan, training: Dataset, validation: Dataset?) {
        (self.trainer, self.plan, self.training, self.validation) = (trainer, plan, training, validation)
        (parameters, buffers) = (trainer.model.parameters, trainer.model.buffers)
    }

    /// The model comes with its weights, which may be anything.
    var initialWeights: ((ComputeContext) -> NamedTensors)? { nil }

    var companions: [Checkpoint.Section: NamedTensors] {
        [.buffer: NamedTensors(buffers.map { ($0.name, $0.value) })]
    }

    func setCompanions(_ tensors: [Checkpoint.Section: NamedTensors]) throws(RunError) {
        for buffer in buffers {
            guard let tensor = tensors[.buffer]?[buffer.name], tensor.shape == buffer.value.shape else {
                throw .damagedCheckpoint("running statistics \(buffer.name) are missing or have another shape")
            }
            buffer.value = tensor
        }
    }

    func accepts(_ cursor: Cursor) -> Bool {
        cursor.epoch >= 0 && (0..<plan.stepsPerEpoch).contains(cursor.batch)
    }

    /// No loss is too high, as long as it is a number: what is high depends on the loss.
    var guessingLoss: Double? { .greatestFiniteMagnitude }

    func gradients(step: Int) throws -> StepGradients {
        if batches?.epoch != cursor.epoch {
            batches = (cursor.epoch, training.batches(of: plan.batch, seed: plan.seed, epoch: cursor.epoch))
        }
        guard let positions = batches?.positions[cursor.batch] else { fatalError("no batch \(cursor)") }
        let batch = try training.batch(positions)
        let tape = Tape(in: trainer.context)
        let answers = trainer.model(
            tape.constant(batch.inputs), mode: .training(RandomStream(seed: plan.seed, step: UInt64(step))))
        let loss = trainer.loss(answers, batch.targets)
        var gradients = tape.backward(from: loss).named(parameters)
        let clip = plan.clipping.apply(to: &gradients, in: trainer.context)
        if !loss.value.isFinite || !clip.isFinite { try training.checkFinite(positions, areHeldOut: false) }
        return StepGradients(
            loss: Double(loss.value.scalar), tensors: gradients, clip: clip, units: positions.count)
    }

    func advance() {
        for buffer in buffers { buffer.commit() }
        cursor.batch += 1
        if cursor.batch == plan.stepsPerEpoch { cursor = Cursor(epoch: cursor.epoch + 1, batch: 0) }
    }

    var hasValidation: Bool { validation != nil }

    func validationLoss(shouldStop: () -> Bool) throws -> Double {
        guard let validation else { return .nan }
        let loss = try trainer.evaluate(validation, batch: 256, onlyLoss: true, shouldStop: shouldStop).loss
        if !loss.isFinite {
            try validation.forEachBatch { positions throws(DatasetError) in
                try validation.checkFinite(positions, areHeldOut: true)
            }
        }
        return loss
    }

    func sample(step: Int) -> SampleRecord? { nil }

    /// Leaves the best weights in the model.
    func score(
        weights: [Checkpoint.Section: NamedTensors]?, onStart: (_ units: Int) -> Void, shouldStop: () -> Bool
    ) throws -> FinalScore? {
        guard let validation else { return nil }
        if let weights {
            for parameter in parameters {
                if let tensor = weights[.parameter]?[parameter.name] { parameter.value = tensor }
            }
            try setCompanions(weights)
        }
        var wasStopped = false
        let evaluation = try trainer.evaluate(validation, batch: 256) {
            wasStopped = shouldStop()
            return wasStopped
        }
        guard !wasStopped else { return nil }
        finalEvaluation = evaluation
        return FinalScore(loss: evaluation.loss, units: evaluation.count)
    }

    func timeCost(_ plan: FitPlan, secondsPerStep: Double) -> TimeCost {
        TimeCost(secondsPerStep: secondsPerStep, finalSeconds: 0)
    }
}

extension CheckpointStore {
    /// Whether a run has saved anything; one that was killed before gives way to a new one of its name.
    func hasCheckpoint(_ run: Run) throws(StoreError) -> Bool { try !checkpoints(of: run.id).isEmpty }
}
