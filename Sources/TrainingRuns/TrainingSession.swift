public import Checkpoints
import Foundation
import TensorCore
import Training

/// Trains a run in a store: a new one, or one that goes on.
///
/// Everything that reaches the weights is a function of plan, data and step; the clock decides only when to save and
/// when to stop. Stopped anywhere and resumed, on any number of threads, a run computes the same bits.
public final class TrainingSession<Task: TrainingTask> {
    public let run: Run
    /// The best that validation has found so far; nil: nothing was validated.
    public var best: (step: Int, loss: Double)? {
        guard let step = state.position.earlyStopping.bestStep, let loss = state.position.earlyStopping.bestLoss else {
            return nil
        }
        return (step, loss)
    }
    public private(set) var plan: Task.Plan
    public let task: Task
    let store: CheckpointStore
    let context: ComputeContext

    private var state: TrainingState<Task.Cursor>
    private var optimizer: any Optimizer
    private var snapshot: TrainingSnapshot<Task.Cursor>
    private var history = History()
    private var clock = SessionClock()
    /// Seconds since any moment; tests have a clock of their own.
    package var now: () -> Double = SessionClock.systemSeconds
    /// Where to stop although the run is not over.
    public var stopAfter: Int?
    /// Seconds that this session may take.
    var timeLimit: Double?

    /// A new run, created in the store.
    /// - Parameter description: with the plan as its configuration.
    public convenience init(
        _ task: Task, plan: Task.Plan, description: RunDescription, store: CheckpointStore, in context: ComputeContext
    ) throws {
        let run = try store.createRun(description)
        let position = TrainingPosition(
            cursor: task.cursor, learningRate: LearningRate(plan.learningRateSchedule),
            earlyStopping: EarlyStopping(patience: plan.patience))
        self.init(
            run: run, plan: plan, task: task, store: store,
            state: TrainingState(
                position: position, steps: plan.steps, stepsAreFixed: plan.stepsAreFixed, timeLimit: plan.timeLimit),
            optimizer: plan.optimizer.makeOptimizer(), snapshot: nil, context: context)
        if let weights = task.initialWeights {
            snapshot.place = .beginning(weights: weights, others: task.companions)
        }
        let parameters = task.parameters.reduce(0) { $0 + $1.value.count }
        record(event: "started", "new run, \(parameters) parameters, \(context.workers.count) threads")
    }

    /// - Parameter snapshot: nil: the state itself.
    init(
        run: Run, plan: Task.Plan, task: Task, store: CheckpointStore, state: TrainingState<Task.Cursor>,
        optimizer: any Optimizer, snapshot: TrainingSnapshot<Task.Cursor>?, context: ComputeContext
    ) {
        (self.run, self.plan, self.task, self.store) = (run, plan, task, store)
        (self.state, self.optimizer, self.context) = (state, optimizer, context)
        timeLimit = plan.timeLimit
        self.snapshot =
            snapshot
            ?? TrainingSnapshot(position: state.position, place: .memory(Self.sections(of: task, optimizer)))
    }

    /// Everything that a checkpoint holds in tensors.
    private static func sections(
        of task: Task, _ optimizer: any Optimizer
    ) -> [Checkpoint.Section: NamedTensors] {
        var sections = task.companions
        sections[.parameter] = NamedTensors(task.parameters.map { ($0.name, $0.value) })
        sections[.optimizer] = optimizer.slots
        return sections
    }

    /// Trains until the run is done, or something stops it; then everything is saved.
    /// - Parameters:
    ///   - shouldStop: asked often; true ends the session within a second or so.
    ///   - onEvent: called on this thread.
    /// - Throws: ``RunError/diverged(step:reason:attempts:)``, and ``StoreError`` when saving fails.
    public func train(
        shouldStop: () -> Bool = { false }, onEvent: (TrainingEvent) -> Void = { _ in }
    ) throws -> TrainingOutcome {
        try store.setStatus(.running, of: run.id)
        // What will be made again must not be there twice.
        try store.forgetHistory(after: state.position.step, of: run.id)
        onEvent(.started(StartedRun(run: run, step: state.position.step)))
        clock = SessionClock(secondsBefore: state.seconds, now: now)
        task.cursor = state.position.cursor
        if state.rollBack.judge.guessing == nil { state.rollBack.judge.guessing = task.guessingLoss }
        var budget = timeLimit.map(TimeBudget.init)
        // Steps that were given are kept; those that the clock fixes may follow it.
        let clockFixesSteps = !plan.stepsAreFixed
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
            if let deadline = budget?.deadline, clock.sessionSeconds >= deadline, step > 0 {
                // What is there is scored, as at the end of every run.
                if clockFixesSteps {
                    fixSteps(step, onEvent)
                    continue
                }
                if state.position.validatedStep != step {
                    switch try check(shouldStop: shouldStop, onEvent: onEvent) {
                    case .passed: break
                    case .interrupted: return try stop(.interrupted, onEvent)
                    case .notFinite: try restoreSnapshot()
                    }
                }
                return try stop(.timeLimit, onEvent)
            }
            if clockFixesSteps, plan.stepsAreFixed,
                let steps = budget?.revised(plan.steps, after: step, at: clock.sessionSeconds)
            {
                fixSteps(steps, onEvent)
            }
            let isDueToSave = plan.saveEvery.map { self.isDue(step, every: $0) && clock.stepsSinceSave > 0 } ?? false
            if clock.secondsSinceSave > 45 || isDueToSave {
                try save(isBest: false, onEvent)
            }

            let rate = state.position.learningRate.rate(at: step) * state.rollBack.rateFraction
            let began = clock.sessionSeconds
            let found = try task.gradients(step: step)
            let decision = state.rollBack.inspect(loss: found.loss, gradientNorm: found.clip.norm)
            guard decision == .proceed else {
                try recover(from: decision, onEvent)
                continue
            }
            optimizer.update(
                task.parameters, along: found.tensors, rate: Float(rate), scale: found.clip.scale, in: context)
            task.advance()
            state.position.step += 1
            state.position.cursor = task.cursor
            state.position.runningLoss.record(found.loss)
            clock.stepDone(units: found.units, seconds: clock.sessionSeconds - began)
            onEvent(.progress(progress(rate: rate)))
            if !plan.stepsAreFixed, state.position.step > plan.warmUp {
                // Few steps say little about the rate, the first ones least: the next one is made ahead, and not used.
                while clock.stepsMeasured < 8, clock.sessionSeconds < (timeLimit ?? 0) / 4 {
                    let began = clock.sessionSeconds
                    _ = try task.gradients(step: step + 1)
                    clock.stepMeasured(seconds: clock.sessionSeconds - began)
                }
                let cost = task.timeCost(plan, secondsPerStep: clock.secondsPerStep)
                let steps = budget.map { state.position.step + $0.steps(cost, at: clock.sessionSeconds) }
                fixSteps(steps ?? plan.steps, onEvent)
            }
            if budget?.isWatching == false, clock.stepsMeasured >= 8 || plan.stepsAreFixed && clockFixesSteps {
                let perStep = clock.secondsPerStep
                budget?.begin(
                    task.timeCost(plan, secondsPerStep: perStep), secondsPerStep: perStep, step: state.position.step,
                    at: clock.sessionSeconds)
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
        guard task.hasValidation else {
            state.position.validatedStep = state.position.step
            recordProgress()
            takeSnapshot()
            return .passed
        }
        onEvent(.validating(step: state.position.step))
        var wasStopped = false
        let loss = try task.validationLoss {
            wasStopped = shouldStop()
            return wasStopped
        }
        if wasStopped { return .interrupted }
        let step = state.position.step
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
        // Weights that may have gone astray are none to go back to.
        guard !state.rollBack.judge.isSuspicious else { return }
        snapshot = TrainingSnapshot(position: state.position, place: .memory(Self.sections(of: task, optimizer)))
    }

    private func sample(_ onEvent: (TrainingEvent) -> Void) {
        let sample = task.sample(step: state.position.step)
        state.position.sampledStep = state.position.step
        // Who goes back to here has this sample already.
        if snapshot.position.step == state.position.step { snapshot.position.sampledStep = state.position.step }
        guard let sample else { return }
        history.samples.append(sample)
        onEvent(.sampled(step: sample.step, text: sample.text))
    }

    // MARK: Time limit

    /// Fixes the number of steps by the clock: when warm-up ends, and again when the machine's speed changes, which is
    /// recorded, as the run has then followed two schedules.
    private func fixSteps(_ steps: Int, _ onEvent: (TrainingEvent) -> Void) {
        let before = plan.stepsAreFixed ? plan.steps : nil
        guard before != max(1, steps) else { return }
        plan.steps = max(1, steps)
        plan.stepsAreFixed = true
        state.steps = plan.steps
        state.stepsAreFixed = true
        state.position.learningRate = state.position.learningRate.following(plan.learningRateSchedule)
        snapshot.position.learningRate = snapshot.position.learningRate.following(plan.learningRateSchedule)
        if let before {
            record(event: RunEvents.stepsChanged, "\(plan.steps) steps instead of \(before) fit into the time limit")
        } else {
            record(event: "steps_fixed", "\(plan.steps) steps fit into the time limit")
        }
        onEvent(.stepsFixed(plan.steps, secondsPerStep: clock.secondsPerStep))
    }

    // MARK: Going back

    /// Goes back to the last good state, to go on from there or to end there.
    /// - Throws: ``RunError/diverged(step:reason:attempts:)`` in the latter case, when all is saved.
    private func recover(from decision: RollBack.Decision, _ onEvent: (TrainingEvent) -> Void) throws {
        let step = state.position.step
        switch decision {
        case .proceed: break
        case .goBack(let failure):
            try restoreSnapshot()
            let to = state.position.step, fraction = state.rollBack.rateFraction
            record(event: "rolled_back", "step \(step): \(failure); back to step \(to), learning rate × \(fraction)")
            onEvent(.rolledBack(step: step, to: to, reason: "\(failure)", rateFraction: fraction))
        case .giveUp(let failure):
            let attempts = state.rollBack.count
            try restoreSnapshot()
            record(event: "diverged", "\(failure)")
            try save(isBest: false, onEvent)
            try store.setStatus(.failed, of: run.id)
            throw RunError.diverged(step: step, reason: "\(failure)", attempts: attempts)
        }
    }

    /// The tensors of the state to go back to, from wherever they are.
    private func snapshotSections() throws -> [Checkpoint.Section: NamedTensors] {
        if case .memory(let sections) = snapshot.place { return sections }
        // They take the place of what a step needs.
        context.workspace.releaseAll()
        switch snapshot.place {
        case .memory(let sections): return sections
        case .beginning(let weights, var sections):
            sections[.parameter] = weights()
            return sections
        case .store(let isBeside):
            let latest = try store.loadCheckpoint(.latest, of: run.id, sections: isBeside ? [.state] : nil).sections
            let sections = isBeside ? SnapshotTensors.sections(stored: latest[.state] ?? NamedTensors()) : latest
            try SnapshotTensors.check(sections, step: snapshot.position.step, plan.optimizer, task.parameters)
            return sections
        }
    }

    private func restoreSnapshot() throws {
        let sections = try snapshotSections()
        for parameter in task.parameters {
            if let tensor = sections[.parameter]?[parameter.name] { parameter.value = tensor }
        }
        optimizer.slots = sections[.optimizer] ?? NamedTensors()
        optimizer.step = snapshot.position.step
        try task.setCompanions(sections)
        state.position = snapshot.position
        task.cursor = state.position.cursor
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
        var sections = Self.sections(of: task, optimizer)
        if !isAtSnapshot {
            var tensors = sections[.state] ?? NamedTensors()
            for (name, tensor) in SnapshotTensors.stored(try snapshotSections()) { tensors[name] = tensor }
            sections[.state] = tensors
        }
        try store.save(
            Checkpoint(
                step: state.position.step, epoch: epoch,
                validationLoss: state.position.validatedStep == state.position.step
                    ? state.position.validationLoss : nil,
                sections: sections, state: try CanonicalJSON.encode(state, what: "the state of training")),
            in: run.id, isBest: isBest, with: history)
        snapshot.place = .store(isBeside: !isAtSnapshot)
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
        var score: FinalScore?
        if task.hasValidation {
            let best =
                bestStep == step
                ? nil : try store.loadCheckpoint(.best, of: run.id, sections: [.parameter, .buffer]).sections
            score = try task.score(
                weights: best, onStart: { onEvent(.scoring(units: $0)) }, shouldStop: shouldStop)
            guard let score else {
                record(event: "stopped", "while the best weights were scored")
                try store.record(history, in: run.id)
                history = History()
                try store.setStatus(.interrupted, of: run.id)
                return .stopped(step: step, reason: .interrupted)
            }
            record(metric: Task.finalMetric, score.loss, step: bestStep)
        }
        try checkThatAnythingWasLearned(score)
        record(event: "finished", endedEarly ? "validation stopped improving" : "all \(step) steps done")
        try store.record(history, in: run.id)
        history = History()
        try store.setStatus(.finished, of: run.id)
        return .finished(
            TrainingResult(
                steps: step, bestStep: bestStep, score: score, endedEarly: endedEarly, seconds: clock.totalSeconds))
    }

    /// - Throws: ``RunError/worseThanGuessing(run:loss:guessing:trainingLoss:)``, when all is stored.
    private func checkThatAnythingWasLearned(_ score: FinalScore?) throws {
        let trained = state.position.runningLoss.value
        guard let loss = score?.loss ?? trained,
            let limit = state.rollBack.judge.limitMissed(
                by: loss, steps: state.position.step,
                guessing: score == nil ? state.rollBack.judge.guessing : score?.guessing)
        else { return }
        record(event: "worse_than_guessing", "a loss of \(loss), guessing has \(limit)")
        try store.record(history, in: run.id)
        history = History()
        try store.setStatus(.failed, of: run.id)
        throw RunError.worseThanGuessing(
            run: run.name, loss: loss, guessing: limit, trainingLoss: score == nil ? nil : trained)
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
