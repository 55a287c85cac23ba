import Autodiff
public import Checkpoints
public import Layers
import Requirements
public import TensorCore
public import Training
import TrainingRuns

/// Trains a model on examples, and finds out what it has learned.
///
/// ```swift
/// let trainer = Trainer(
///     model, loss: .softmaxCrossEntropy, optimizer: .momentum(rate: 0.1, momentum: 0.9), metrics: [.accuracy])
/// try trainer.fit(training, batch: 60, epochs: 25, validation: heldOut)
/// print(try trainer.evaluate(heldOut))  // loss 0.16, accuracy 0.958, after a second or two
/// ```
///
/// The weights that come out are a function of the model's first weights, the examples, and what the trainer was given:
/// not of the number of threads, nor of interruptions.
public final class Trainer {
    /// What is trained. Between calls its weights can be read, saved and replaced.
    public let model: any Layer
    let loss: Loss
    let optimizer: Optimizer
    let metrics: [Metric]
    let schedule: LearningRateShape
    let warmUp: Int
    let clipping: GradientClipping
    let seed: UInt64
    let context: ComputeContext

    /// - Parameters:
    ///   - model: a layer that has entered a model, `Sequential(seed: 1) { … }`.
    ///   - loss: what becomes small.
    ///   - optimizer: how, and at which rate.
    ///   - metrics: what else ``evaluate(_:batch:)`` finds out.
    ///   - schedule: how the rate falls.
    ///   - warmUp: steps in which the rate rises to its full height first.
    ///   - clipNorm: gradients whose norm, all taken as one vector, is larger are scaled down to it; nil: none are.
    ///   - clipValue: the largest magnitude of a number of the gradients; larger ones are cut to it, before `clipNorm`; nil:
    ///     none are.
    ///   - seed: of the order of the examples and of what layers draw while training.
    ///   - context: what computes.
    public init(
        _ model: any Layer, loss: Loss, optimizer: Optimizer, metrics: [Metric] = [],
        schedule: LearningRateShape = .constant, warmUp: Int = 0, clipNorm: Double? = nil, clipValue: Float? = nil,
        seed: UInt64 = 1, in context: ComputeContext = ComputeContext()
    ) {
        require(!model.parameters.isEmpty, "a model without parameters cannot be trained")
        require(warmUp >= 0, "warm-up takes 0 or more steps, not \(warmUp)")
        (self.model, self.loss, self.optimizer, self.metrics) = (model, loss, optimizer, metrics)
        (self.schedule, self.warmUp, self.seed, self.context) = (schedule, warmUp, seed, context)
        clipping = GradientClipping(clipNorm: clipNorm, clipValue: clipValue)
    }

    // MARK: Training

    /// Trains for some passes over the examples, or until validation finds nothing better for long. The model then has the
    /// weights that did best on what is held out; without a validation part, the last ones.
    ///
    /// A loss that is not a number any more does not end training: it goes back to the last validation, with half the rate,
    /// up to four times. If it comes from an example that holds a number that is not finite, the error names that one.
    ///
    /// With a store, training is a run in it: saved at least every minute and whenever validation finds a better state. If
    /// the store has a run of that name that was interrupted, training goes on with it, bit for bit as if it had never been:
    /// start the same program again. More epochs than before are allowed; everything else must be the same.
    /// - Parameters:
    ///   - training: the examples to learn from.
    ///   - batch: examples of a step.
    ///   - epochs: passes over the examples.
    ///   - validation: examples that are held out; nil: none.
    ///   - validateEvery: passes from one scoring of the held-out examples to the next.
    ///   - patience: how long to go on although validation finds nothing better, in scorings; by default to the end.
    ///   - store: open for writing; nil: nothing is stored.
    ///   - name: of the run; nil: made up by the store.
    ///   - onEvent: called on this thread.
    ///   - shouldStop: asked before every step, and within validation; true saves and ends training. Without a validation
    ///     that ended, the model then has its last weights.
    /// - Throws: ``TrainerError``, ``DatasetError``, `StoreError`.
    @discardableResult
    public func fit(
        _ training: Dataset, batch: Int, epochs: Int, validation: Dataset? = nil, validateEvery: Int = 1,
        patience: Patience = .unlimited, store: CheckpointStore? = nil, name: String? = nil,
        onEvent: (FitEvent) -> Void = { _ in },
        shouldStop: () -> Bool = { false }
    ) throws -> FitReport {
        require(epochs >= 1, "training takes 1 or more passes over the examples, not \(epochs)")
        require(validateEvery >= 1, "held-out examples are scored every 1 or more passes, not \(validateEvery)")
        require(training.count > 0, "there are no examples to train on")
        require(validation?.count != 0, "there are no examples to validate with; leave `validation` out")
        let plan = FitPlan(
            self, training, validation, batch: batch, epochs: epochs, validateEvery: validateEvery, patience: patience,
            isStored: store != nil)
        let task = FitTask(self, plan: plan, training: training, validation: validation)
        return try TrainerError.translating {
            guard let store else {
                let loop = TrainingLoop(task, plan: plan, name: name ?? "this model", in: context)
                let outcome = try loop.train(shouldStop: shouldStop) { FitEvent.pass($0, plan, to: onEvent) }
                return FitReport(outcome, task, run: nil, storePath: nil)
            }
            let session = try session(for: task, plan, store, name)
            let outcome = try session.train(shouldStop: shouldStop) { FitEvent.pass($0, plan, to: onEvent) }
            let storePath = session.store.path
            // A store that took the place of one that was lost is nobody's but the session's.
            if session.rescue != nil { try session.close() }
            return FitReport(outcome, task, run: session.run.name, storePath: storePath)
        }
    }

    /// A new run, or the one of that name that was interrupted.
    private func session(
        for task: FitTask, _ plan: FitPlan, _ store: CheckpointStore, _ name: String?
    ) throws -> TrainingSession<FitTask> {
        if let name, let run = try store.runs(kind: FitTask.runKind).first(where: { $0.name == name }),
            try store.hasCheckpoint(run)
        {
            let stored = try run.configuration(as: FitPlan.self)
            if let difference = plan.difference(from: stored) {
                throw TrainerError.otherRun(name: name, difference: difference)
            }
            let options = ResumeOptions(steps: plan.steps == stored.steps ? nil : plan.steps)
            return try TrainingSession.resume(run, plan: stored, options: options, store: store, in: context) { plan in
                task.plan = plan
                return task
            }
        }
        let description = RunDescription(
            name: name, baseName: "network", kind: FitTask.runKind, configuration: plan,
            corpus: ["examples": task.training.count])
        return try TrainingSession(task, plan: plan, description: description, store: store, in: context)
    }

    // MARK: Using

    /// The loss and all metrics over some examples, in inference mode.
    /// - Parameters:
    ///   - data: the examples, with their targets.
    ///   - batch: examples that are computed at once: memory depends on it, and the last places of the loss, which is summed
    ///     batch by batch.
    /// - Precondition: there is an example.
    /// - Throws: ``DatasetError``, where inputs are read from files.
    public func evaluate(_ data: Dataset, batch: Int = 256) throws(DatasetError) -> Evaluation {
        try evaluate(data, batch: batch, shouldStop: { false })
    }

    func evaluate(
        _ data: Dataset, batch: Int, onlyLoss: Bool = false, shouldStop: () -> Bool
    ) throws(DatasetError) -> Evaluation {
        require(data.count > 0, "there are no examples to evaluate")
        var loss = 0.0, sums = metrics.map { _ in [Double]() }
        try forEachBatch(of: data, batch, shouldStop: shouldStop) { answers, targets in
            loss += Double(self.loss(answers, targets).value.scalar) * Double(targets.count)
            guard !onlyLoss else { return }
            for (index, metric) in metrics.enumerated() {
                let more = metric.sums(answers.value, targets)
                sums[index] = sums[index].isEmpty ? more : metric.merged(sums[index], more)
            }
        }
        let values =
            onlyLoss ? [] : zip(metrics, sums).map { Evaluation.NamedValue(name: $0.name, value: $0.result($1)) }
        return Evaluation(loss: loss / Double(data.count), metrics: values, count: data.count)
    }

    /// How often examples of each class are answered with which.
    /// - Precondition: the targets are classes.
    /// - Throws: ``DatasetError``, where inputs are read from files.
    public func confusionMatrix(_ data: Dataset, batch: Int = 256) throws(DatasetError) -> ConfusionMatrix {
        require(!data.classes.isEmpty, "a confusion matrix counts classes, and these examples have numbers as targets")
        var matrix = ConfusionMatrix(classes: data.classes)
        try forEachBatch(of: data, batch) { matrix.add($0.value, $1) }
        return matrix
    }

    /// The model's answers, in inference mode.
    /// - Parameters:
    ///   - inputs: [N, …], N at least one.
    ///   - batch: examples that are computed at once.
    /// - Returns: [N, …], logits where the loss has softmax or sigmoid in it.
    public func predict(_ inputs: Tensor, batch: Int = 256) -> Tensor {
        Self.checkBatch(batch)
        require(
            inputs.shape.rank > 0 && inputs.shape[0] > 0,
            "a model answers one example or more, and inputs of shape \(inputs.shape) have none")
        var answers = AnswerRows(count: inputs.shape[0])
        for start in stride(from: 0, to: inputs.shape[0], by: batch) {
            let rows = start..<min(start + batch, inputs.shape[0])
            answers.add(self(inputs.rows(rows)).value, count: rows.count)
        }
        return answers.tensor
    }

    /// The model's answers to the inputs of some examples.
    /// - Precondition: there is an example.
    /// - Throws: ``DatasetError``, where inputs are read from files.
    public func predict(_ data: Dataset, batch: Int = 256) throws(DatasetError) -> Tensor {
        require(data.count > 0, "there are no examples to answer")
        var answers = AnswerRows(count: data.count)
        try forEachBatch(of: data, batch) { answers.add($0.value, count: $1.count) }
        return answers.tensor
    }

    private static func checkBatch(_ size: Int) {
        require(size >= 1, "a batch has 1 or more examples, not \(size)")
    }

    private func callAsFunction(_ inputs: Tensor) -> Variable {
        model(Tape(in: context, recording: false).constant(inputs), mode: .inference)
    }

    private func forEachBatch(
        of data: Dataset, _ size: Int, shouldStop: () -> Bool = { false }, _ body: (Variable, Targets) -> Void
    ) throws(DatasetError) {
        Self.checkBatch(size)
        for start in stride(from: 0, to: data.count, by: size) where !shouldStop() {
            let batch = try data.batch(start..<min(start + size, data.count))
            body(self(batch.inputs), batch.targets)
        }
    }
}

/// Answers of batches, one after the other.
private struct AnswerRows {
    private let count: Int
    private var values: [Float] = []
    private var rowShape: [Int] = []

    init(count: Int) { self.count = count }

    /// - Parameter count: of the examples.
    mutating func add(_ answers: Tensor, count: Int) {
        require(
            answers.shape.rank > 0 && answers.shape[0] == count,
            "a model answers each example with one row; to \(count) examples its answers have the shape "
                + "\(answers.shape)")
        rowShape = Array(answers.shape.dimensions.dropFirst())
        values.append(contentsOf: answers.values)
    }

    var tensor: Tensor { Tensor(values, shape: Shape([count] + rowShape)) }
}
