public import Checkpoints
import Foundation
public import TensorCore
import TextCorpora
import Training

/// Trains a model into a store: a new run, or one that goes on.
///
/// Everything that reaches the weights is a function of plan, text and step; the clock decides only when to save and
/// when to stop. Stopped anywhere and resumed, on any number of threads, a run computes the same bits.
public final class TrainingSession {
    public let run: Run
    public private(set) var plan: TrainingPlan
    let model: LanguageModel
    public let corpus: PreparedCorpus
    let store: CheckpointStore
    let context: ComputeContext

    private var state: TrainingState
    private var carried: ModelState
    private var optimizer: any Optimizer
    private var snapshot: TrainingSnapshot
    private var history = History()
    private var clock = SessionClock()
    /// Where to stop although the run is not over.
    public var stopAfter: Int?

    /// A new run, created in the store.
    /// - Parameter weights: to start from (fine-tuning); the plan's seed makes them otherwise.
    public convenience init(
        plan: TrainingPlan, corpus: PreparedCorpus, store: CheckpointStore, name: String? = nil,
        weights: NamedTensors? = nil, in context: ComputeContext
    ) throws {
        let model = LanguageModel(plan.model, seed: plan.seed, in: context)
        if let weights { try model.load(weights) }
        let run = try store.createRun(
            RunDescription(
                name: name, baseName: corpus.record.baseName, kind: LanguageModel.runKind, configuration: plan,
                corpus: corpus.record))
        let position = TrainingPosition(
            learningRate: LearningRate(plan.learningRateSchedule),
            earlyStopping: EarlyStopping(patience: plan.patience))
        self.init(
            run: run, plan: plan, model: model, corpus: corpus, store: store,
            state: TrainingState(
                position: position, steps: plan.steps, stepsAreFixed: plan.stepsAreFixed, timeLimit: plan.timeLimit),
            carried: ModelState(zerosFor: plan.model, lanes: plan.lanes), optimizer: plan.optimizer.makeOptimizer(),
            snapshot: nil, context: context)
        record(event: "started", "new run, \(plan.model.parameterCount) parameters, \(context.workers.count) threads")
    }

    init(
        run: Run, plan: TrainingPlan, model: LanguageModel, corpus: PreparedCorpus, store: CheckpointStore,
        state: TrainingState, carried: ModelState, optimizer: any Optimizer, snapshot: TrainingSnapshot?,
        context: ComputeContext
    ) {
        (self.run, self.plan, self.model, self.corpus, self.store) = (run, plan, model, corpus, store)
        (self.state, self.carried, self.optimizer, self.context) = (state, carried, optimizer, context)
        self.snapshot =
            snapshot
            ?? TrainingSnapshot(
                position: state.position, weights: model.weights, slots: optimizer.slots, carried: carried)
    }

    /// Trains until the run is done, or something stops it; then everything is saved.
    /// - Parameters:
    ///   - shouldStop: asked often; true ends the session within a second or so.
    ///   - onEvent: called on this thread.
    /// - Throws: ``LanguageModelError/diverged(step:reason:attempts:)``, and ``StoreError`` when saving fails.
    public func train(
        shouldStop: () -> Bool = { false }, onEvent: (TrainingEvent) -> Void = { _ in }
    ) throws -> TrainingOutcome {
        try store.setStatus(.running, of: run.id)
        onEvent(.started(StartedRun(run: run, plan: plan, step: state.position.step)))
        clock = SessionClock(secondsBefore: state.seconds)
        let tokens = corpus.tokens, training = corpus.split.training
        let replacement = UnitReplacement(for: corpus.vocabulary, trainingCount: training.count, seed: plan.seed)
        var batches = TrainingBatches(plan, tokens, range: training, replacement: replacement)
        batches.cursor = state.position.cursor
        let trainer = TrainingStep(model: model, clipping: plan.clipping, seed: plan.seed, context: context)
        var endedEarly = false

        while true {
            let step = state.position.step
            if isDue(step, every: plan.evaluateEvery, done: state.position.validatedStep) || step >= plan.steps {
                if state.position.validatedStep != step, corpus.split.validation.count > 1 {
                    onEvent(.validating(step: step))
                    guard try validate(shouldStop: shouldStop, onEvent: onEvent) else {
                        return try stop(.interrupted, onEvent)
                    }
                    batches.cursor = state.position.cursor
                }
                if let patience = plan.patience, state.position.earlyStopping.badEvaluations >= patience {
                    endedEarly = true
                }
            }
            if let every = plan.sampleEvery, isDue(step, every: every, done: state.position.sampledStep) {
                sample(onEvent)
            }
            if step >= plan.steps || endedEarly { break }
            if shouldStop() { return try stop(.interrupted, onEvent) }
            if let stopAfter, step >= stopAfter { return try stop(.stopAfter, onEvent) }
            if let limit = plan.timeLimit, clock.sessionSeconds >= limit {
                fixSteps(step, onEvent)
                return try stop(.timeLimit, onEvent)
            }
            if clock.secondsSinceSave > 45 || plan.saveEvery.map({ step > 0 && step % $0 == 0 && clock.stepsSinceSave > 0 }) ?? false {
                try save(isBest: false, onEvent)
            }

            let batch = batches.next()
            let rate = state.position.learningRate.rate(at: step) * state.rollBack.rateFraction
            let began = clock.sessionSeconds
            let before = batch.resetsState ? ModelState(zerosFor: plan.model, lanes: batch.lanes) : carried
            let found = trainer.gradients(batch, state: before, step: step)
            switch state.rollBack.inspect(loss: found.loss, gradientNorm: found.clip.norm) {
            case .proceed:
                optimizer.update(
                    model.parameters, along: found.tensors, rate: Float(rate), scale: found.clip.scale, in: context)
                carried = found.state
                state.position.step += 1
                state.position.cursor = batches.cursor
                state.position.runningLoss.record(found.loss)
                clock.stepDone(units: batch.inputs.count, seconds: clock.sessionSeconds - began)
                onEvent(.progress(progress(rate: rate)))
                if !plan.stepsAreFixed, state.position.step > plan.warmUp { fixStepsByRate(onEvent) }
            case .goBack(let failure):
                goBack(from: step, because: "\(failure)", onEvent)
                batches.cursor = state.position.cursor
            case .giveUp(let failure):
                let attempts = state.rollBack.count
                restore(snapshot)
                record(event: "diverged", "\(failure)")
                try save(isBest: false, onEvent)
                try store.setStatus(.failed, of: run.id)
                throw LanguageModelError.diverged(step: step, reason: "\(failure)", attempts: attempts)
            }
        }
        return try finish(endedEarly: endedEarly, shouldStop: shouldStop, onEvent: onEvent)
    }

    private func isDue(_ step: Int, every: Int, done: Int?) -> Bool { step > 0 && step % every == 0 && done != step }

    // MARK: Validation and samples

    /// - Returns: false if it was stopped before its end; it is then done again when the run goes on.
    private func validate(shouldStop: () -> Bool, onEvent: (TrainingEvent) -> Void) throws -> Bool {
        let plan = LanguageModel.validationPlan(corpus.tokens, range: corpus.split.validation)
        var wasStopped = false
        let found = model.evaluate(
            plan, in: context,
            shouldStop: {
                wasStopped = shouldStop()
                return wasStopped
            })
        if wasStopped { return false }
        let step = state.position.step, loss = found.natsPerUnit
        state.position.validatedStep = step
        state.position.validationLoss = loss
        state.position.learningRate.record(validationLoss: loss)
        let isBest = state.position.earlyStopping.record(loss, after: step) == .improved
        let trainingLoss = state.position.runningLoss.value ?? .nan
        record(metric: "training_loss", trainingLoss)
        record(metric: "validation_loss", loss)
        record(metric: "learning_rate", state.position.learningRate.rate(at: step) * state.rollBack.rateFraction)
        snapshot = TrainingSnapshot(
            position: state.position, weights: model.weights, slots: optimizer.slots, carried: carried)
        onEvent(
            .validated(
                ValidationReport(
                    step: step, epoch: epoch, trainingLoss: trainingLoss, validationLoss: loss, isBest: isBest,
                    seconds: clock.totalSeconds)))
        if isBest || clock.secondsSinceSave > 30 { try save(isBest: isBest, onEvent) }
        return true
    }

    private func sample(_ onEvent: (TrainingEvent) -> Void) {
        let options = SamplingOptions(temperature: 0.8, length: 160)
        var generator = TextGenerator(
            model: model, vocabulary: corpus.vocabulary, options: options, seed: plan.seed, index: state.position.step,
            in: context)
        let text = generator.text()
        state.position.sampledStep = state.position.step
        history.samples.append(Sample(step: state.position.step, temperature: 0.8, seed: plan.seed, text: text))
        onEvent(.sampled(step: state.position.step, text: text))
    }

    // MARK: Time limit

    private func fixStepsByRate(_ onEvent: (TrainingEvent) -> Void) {
        guard let limit = plan.timeLimit else { return fixSteps(plan.steps, onEvent) }
        let cost = ValidationCost(
            plan: plan, validationUnits: corpus.split.validation.count, secondsPerStep: clock.secondsPerStep)
        fixSteps(state.position.step + cost.steps(within: limit * 0.98 - clock.sessionSeconds), onEvent)
    }

    private func fixSteps(_ steps: Int, _ onEvent: (TrainingEvent) -> Void) {
        guard !plan.stepsAreFixed else { return }
        plan.steps = max(1, steps)
        plan.stepsAreFixed = true
        state.steps = plan.steps
        state.stepsAreFixed = true
        state.position.learningRate = state.position.learningRate.following(plan.learningRateSchedule)
        snapshot.position.learningRate = snapshot.position.learningRate.following(plan.learningRateSchedule)
        record(event: "steps_fixed", "\(plan.steps) steps fit into the time limit")
        onEvent(.stepsFixed(plan.steps, secondsPerStep: clock.secondsPerStep))
    }

    // MARK: Going back

    private func goBack(from step: Int, because reason: String, _ onEvent: (TrainingEvent) -> Void) {
        restore(snapshot)
        let to = state.position.step, fraction = state.rollBack.rateFraction
        record(event: "rolled_back", "step \(step): \(reason); back to step \(to), learning rate × \(fraction)")
        onEvent(.rolledBack(step: step, to: to, reason: reason, rateFraction: fraction))
    }

    private func restore(_ snapshot: TrainingSnapshot) {
        for parameter in model.parameters {
            if let tensor = snapshot.weights[parameter.name] { parameter.value = tensor }
        }
        optimizer.slots = snapshot.slots
        optimizer.step = snapshot.position.step
        carried = snapshot.carried
        state.position = snapshot.position
    }

    // MARK: Saving and ending

    private var epoch: Double {
        Double(state.position.step) / Double(max(1, plan.stepsPerEpoch))
    }

    private func save(isBest: Bool, _ onEvent: (TrainingEvent) -> Void) throws {
        state.seconds = clock.totalSeconds
        let isAtSnapshot = snapshot.position == state.position
        state.snapshot = isAtSnapshot ? nil : snapshot.position
        var stateTensors = carried.named
        if !isAtSnapshot { for (name, tensor) in snapshot.stored { stateTensors[name] = tensor } }
        try store.save(
            Checkpoint(
                step: state.position.step, epoch: epoch,
                validationLoss: state.position.validatedStep == state.position.step ? state.position.validationLoss : nil,
                sections: [.parameter: model.weights, .optimizer: optimizer.slots, .state: stateTensors],
                state: try CanonicalJSON.encode(state, what: "the state of training")),
            in: run.id, isBest: isBest, with: history)
        try store.setConfiguration(plan, of: run.id)
        history = History()
        clock.saved()
        onEvent(.saved(step: state.position.step))
    }

    private func stop(_ reason: TrainingOutcome.StopReason, _ onEvent: (TrainingEvent) -> Void) throws -> TrainingOutcome {
        record(event: "stopped", reason.rawValue)
        try save(isBest: false, onEvent)
        try store.setStatus(.interrupted, of: run.id)
        return .stopped(step: state.position.step, reason: reason)
    }

    private func finish(
        endedEarly: Bool, shouldStop: () -> Bool, onEvent: (TrainingEvent) -> Void
    ) throws -> TrainingOutcome {
        let step = state.position.step, bestStep = state.position.earlyStopping.bestStep ?? step
        // Without a validation part the last weights are the ones to use.
        try save(isBest: state.position.earlyStopping.bestStep == nil, onEvent)
        var best: Evaluation?
        if corpus.split.validation.count > 1 {
            if bestStep != step {
                try model.load(
                    store.loadCheckpoint(.best, of: run.id, sections: [.parameter]).sections[.parameter]
                        ?? NamedTensors())
            }
            let plans = LanguageModel.finalPlans(corpus.tokens, range: corpus.split.validation)
            onEvent(.scoring(units: plans.reduce(0) { $0 + $1.scoredCount }))
            var total = Evaluation(units: 0, nats: 0, bytes: 0)
            for plan in plans {
                total = total + model.evaluate(plan, in: context, shouldStop: shouldStop)
                if shouldStop() {
                    try store.setStatus(.interrupted, of: run.id)
                    return .stopped(step: step, reason: .interrupted)
                }
            }
            best = total
            record(metric: LanguageModel.bestValidationMetric, total.natsPerUnit, step: bestStep)
        }
        record(event: "finished", endedEarly ? "validation stopped improving" : "all \(step) steps done")
        try store.record(history, in: run.id)
        history = History()
        try store.setStatus(.finished, of: run.id)
        return .finished(
            TrainingResult(
                steps: step, bestStep: bestStep, bestValidation: best, endedEarly: endedEarly,
                seconds: clock.totalSeconds))
    }

    // MARK: Records

    private func record(metric name: String, _ value: Double, step: Int? = nil) {
        let step = step ?? state.position.step
        history.metrics.append(
            Metric(
                step: step, epoch: Double(step) / Double(max(1, plan.stepsPerEpoch)), name: name, value: value,
                seconds: clock.totalSeconds))
    }

    func record(event kind: String, _ message: String) {
        history.events.append(Event(step: state.position.step, kind: kind, message: message))
    }

    private func progress(rate: Double) -> TrainingProgress {
        TrainingProgress(
            step: state.position.step, steps: plan.steps, stepsAreFixed: plan.stepsAreFixed, epoch: epoch,
            trainingLoss: state.position.runningLoss.value ?? .nan, validationLoss: state.position.validationLoss,
            learningRate: rate, unitsPerSecond: clock.unitsPerSecond,
            secondsLeft: plan.stepsAreFixed
                ? Double(plan.steps - state.position.step) * clock.wallSecondsPerStep
                : plan.timeLimit.map { $0 - clock.sessionSeconds },
            seconds: clock.totalSeconds)
    }
}

extension LanguageModel {
    /// The kind under which runs of this module are stored.
    public static let runKind = "charnn"
    /// The metric with the final score of the best weights: nats per unit in one stream.
    public static let bestValidationMetric = "best_validation_nats"
}

extension CorpusRecord {
    /// What a run is called after: the file's name without endings, or `text`.
    var baseName: String {
        guard let path = paths.first, path != "-" else { return "text" }
        let name = (path as NSString).lastPathComponent.split(separator: ".").first.map(String.init)
        return name ?? "text"
    }
}
