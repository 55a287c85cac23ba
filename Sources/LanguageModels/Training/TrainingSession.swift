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
    /// Seconds that this session may take.
    var timeLimit: Double?

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
        timeLimit = plan.timeLimit
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
        // What will be made again must not be there twice.
        try store.forgetHistory(after: state.position.step, of: run.id)
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
            let isDue = isDue(step, every: plan.evaluateEvery) || step >= plan.steps
            if isDue, state.position.validatedStep != step {
                switch try check(shouldStop: shouldStop, onEvent: onEvent) {
                case .passed: break
                case .interrupted: return try stop(.interrupted, onEvent)
                case .notFinite(let loss):
                    // The last step has spoiled the weights: no state to keep, nor to go back to.
                    try recover(from: state.rollBack.inspect(loss: loss, gradientNorm: 0), onEvent)
                    batches.cursor = state.position.cursor
                    continue
                }
            }
            endedEarly = state.position.earlyStopping.isExhausted
            if let every = plan.sampleEvery, self.isDue(step, every: every), state.position.sampledStep != step {
                sample(onEvent)
            }
            if step >= plan.steps || endedEarly { break }
            if shouldStop() { return try stop(.interrupted, onEvent) }
            if let stopAfter, step >= stopAfter { return try stop(.stopAfter, onEvent) }
            if let timeLimit, clock.sessionSeconds >= timeLimit {
                fixSteps(step, onEvent)
                return try stop(.timeLimit, onEvent)
            }
            let isDueToSave = plan.saveEvery.map { self.isDue(step, every: $0) && clock.stepsSinceSave > 0 } ?? false
            if clock.secondsSinceSave > 45 || isDueToSave {
                try save(isBest: false, onEvent)
            }

            let batch = batches.next()
            let rate = state.position.learningRate.rate(at: step) * state.rollBack.rateFraction
            let began = clock.sessionSeconds
            let before = batch.resetsState ? ModelState(zerosFor: plan.model, lanes: batch.lanes) : carried
            let found = trainer.gradients(batch, state: before, step: step)
            let decision = state.rollBack.inspect(loss: found.loss, gradientNorm: found.clip.norm)
            guard decision == .proceed else {
                try recover(from: decision, onEvent)
                batches.cursor = state.position.cursor
                continue
            }
            optimizer.update(
                model.parameters, along: found.tensors, rate: Float(rate), scale: found.clip.scale, in: context)
            carried = found.state
            state.position.step += 1
            state.position.cursor = batches.cursor
            state.position.runningLoss.record(found.loss)
            clock.stepDone(units: batch.inputs.count, seconds: clock.sessionSeconds - began)
            onEvent(.progress(progress(rate: rate)))
            if !plan.stepsAreFixed, state.position.step > plan.warmUp {
                // Few steps say little about the rate, the first ones least: this one is repeated without using it.
                while clock.stepsMeasured < 8, clock.sessionSeconds < (timeLimit ?? 0) / 4 {
                    let began = clock.sessionSeconds
                    _ = trainer.gradients(batch, state: before, step: step)
                    clock.stepMeasured(seconds: clock.sessionSeconds - began)
                }
                fixStepsByRate(onEvent)
            }
        }
        return try finish(endedEarly: endedEarly, shouldStop: shouldStop, onEvent: onEvent)
    }

    private func isDue(_ step: Int, every: Int) -> Bool { step > 0 && step % every == 0 }

    // MARK: Validation and samples

    private enum Check {
        case passed
        /// Stopped before its end: it is done again when the run goes on.
        case interrupted
        case notFinite(Double)
    }

    /// Scores the held-out part, if there is one, and takes the state as one to go back to.
    private func check(shouldStop: () -> Bool, onEvent: (TrainingEvent) -> Void) throws -> Check {
        guard corpus.split.validation.count > 1 else {
            state.position.validatedStep = state.position.step
            recordProgress()
            takeSnapshot()
            return .passed
        }
        onEvent(.validating(step: state.position.step))
        let plan = LanguageModel.validationPlan(corpus.tokens, range: corpus.split.validation)
        var wasStopped = false
        let found = model.evaluate(
            plan, in: context,
            shouldStop: {
                wasStopped = shouldStop()
                return wasStopped
            })
        if wasStopped { return .interrupted }
        let step = state.position.step, loss = found.natsPerUnit
        guard loss.isFinite else { return .notFinite(loss) }
        state.position.validatedStep = step
        state.position.validationLoss = loss
        state.position.learningRate.record(validationLoss: loss)
        let isBest = state.position.earlyStopping.record(loss, after: step) == .improved
        recordProgress()
        record(metric: "validation_loss", loss)
        takeSnapshot()
        onEvent(
            .validated(
                ValidationReport(
                    step: step, epoch: epoch, trainingLoss: state.position.runningLoss.value ?? .nan,
                    validationLoss: loss, isBest: isBest,
                    seconds: clock.totalSeconds)))
        if isBest || clock.secondsSinceSave > 30 { try save(isBest: isBest, onEvent) }
        return .passed
    }

    private func recordProgress() {
        if let loss = state.position.runningLoss.value { record(metric: "training_loss", loss) }
        record(
            metric: "learning_rate",
            state.position.learningRate.rate(at: state.position.step) * state.rollBack.rateFraction)
    }

    private func takeSnapshot() {
        snapshot = TrainingSnapshot(
            position: state.position, weights: model.weights, slots: optimizer.slots, carried: carried)
    }

    private func sample(_ onEvent: (TrainingEvent) -> Void) {
        let options = SamplingOptions(temperature: 0.8, length: 160)
        var generator = TextGenerator(
            model: model, vocabulary: corpus.vocabulary, options: options, seed: plan.seed, index: state.position.step,
            in: context)
        let text = generator.text()
        state.position.sampledStep = state.position.step
        // Who goes back to here has this sample already.
        if snapshot.position.step == state.position.step { snapshot.position.sampledStep = state.position.step }
        history.samples.append(Sample(step: state.position.step, temperature: 0.8, seed: plan.seed, text: text))
        onEvent(.sampled(step: state.position.step, text: text))
    }

    // MARK: Time limit

    private func fixStepsByRate(_ onEvent: (TrainingEvent) -> Void) {
        guard let limit = timeLimit else { return fixSteps(plan.steps, onEvent) }
        let cost = ValidationCost(
            plan: plan, validationUnits: corpus.split.validation.count, secondsPerStep: clock.secondsPerStep,
            secondsPerStreamedUnit: ValidationCost.measureStream(model, corpus: corpus, in: context))
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

    /// Goes back to the last good state, to go on from there or to end there.
    /// - Throws: ``LanguageModelError/diverged(step:reason:attempts:)`` in the latter case, when all is saved.
    private func recover(from decision: RollBack.Decision, _ onEvent: (TrainingEvent) -> Void) throws {
        let step = state.position.step
        switch decision {
        case .proceed: break
        case .goBack(let failure):
            try restore(snapshot)
            let to = state.position.step, fraction = state.rollBack.rateFraction
            record(event: "rolled_back", "step \(step): \(failure); back to step \(to), learning rate × \(fraction)")
            onEvent(.rolledBack(step: step, to: to, reason: "\(failure)", rateFraction: fraction))
        case .giveUp(let failure):
            let attempts = state.rollBack.count
            try restore(snapshot)
            record(event: "diverged", "\(failure)")
            try save(isBest: false, onEvent)
            try store.setStatus(.failed, of: run.id)
            throw LanguageModelError.diverged(step: step, reason: "\(failure)", attempts: attempts)
        }
    }

    private func restore(_ snapshot: TrainingSnapshot) throws {
        for parameter in model.parameters {
            if let tensor = snapshot.weights[parameter.name] { parameter.value = tensor }
        }
        optimizer.slots = snapshot.slots
        optimizer.step = snapshot.position.step
        carried = snapshot.carried
        state.position = snapshot.position
        // Samples from here on will be made again.
        let step = state.position.step
        history.samples.removeAll { $0.step > step }
        history.metrics.removeAll { $0.step > step }
        try store.forgetHistory(after: step, of: run.id)
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
                validationLoss: state.position.validatedStep == state.position.step
                    ? state.position.validationLoss : nil,
                sections: [.parameter: model.weights, .optimizer: optimizer.slots, .state: stateTensors],
                state: try CanonicalJSON.encode(state, what: "the state of training")),
            in: run.id, isBest: isBest, with: history)
        try store.setConfiguration(plan, of: run.id)
        history = History()
        clock.saved()
        onEvent(.saved(step: state.position.step))
    }

    private func stop(_ reason: TrainingOutcome.StopReason, _ onEvent: (TrainingEvent) -> Void) throws
        -> TrainingOutcome
    {
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
            var scored = model
            if bestStep != step {
                // A model of its own: this session's has to stay as it is saved, in case it is to go on.
                scored = LanguageModel(plan.model, seed: plan.seed, in: context)
                try scored.load(
                    store.loadCheckpoint(.best, of: run.id, sections: [.parameter]).sections[.parameter]
                        ?? NamedTensors())
            }
            let plans = LanguageModel.finalPlans(corpus.tokens, range: corpus.split.validation)
            onEvent(.scoring(units: plans.reduce(0) { $0 + $1.scoredCount }))
            var total = Evaluation(units: 0, nats: 0, bytes: 0)
            var wasStopped = false
            for plan in plans where !wasStopped {
                total =
                    total
                    + scored.evaluate(
                        plan, in: context,
                        shouldStop: {
                            wasStopped = shouldStop()
                            return wasStopped
                        })
            }
            if wasStopped {
                record(event: "stopped", "while the best weights were scored")
                try store.record(history, in: run.id)
                history = History()
                try store.setStatus(.interrupted, of: run.id)
                return .stopped(step: step, reason: .interrupted)
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
                : timeLimit.map { $0 - clock.sessionSeconds },
            seconds: clock.totalSeconds)
    }
}
