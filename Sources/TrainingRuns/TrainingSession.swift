import Autodiff
package import Checkpoints
import Foundation
import Kernels
package import TensorCore
import Training

/// Trains a run in a store: a new one, or one that goes on.
///
/// Everything that reaches the weights is a function of plan, data and step; the clock decides only when to save and
/// when to stop. Stopped anywhere and resumed, on any number of threads, a run computes the same bits.
package final class TrainingSession<Task: TrainingTask> {
    /// The best that validation has found so far; nil: nothing was validated.
    package var best: (step: Int, loss: Double)? {
        guard let step = state.position.earlyStopping.bestStep, let loss = state.position.earlyStopping.bestLoss else {
            return nil
        }
        return (step, loss)
    }
    package private(set) var plan: Task.Plan
    package let task: Task
    let context: ComputeContext

    var state: TrainingState<Task.Cursor>
    var optimizer: any UpdateRule
    var snapshot: TrainingSnapshot<Task.Cursor>
    var clock = SessionClock()
    /// Seconds since any moment; tests have a clock of their own.
    package var now: () -> Double = SessionClock.systemSeconds
    let saving: RunSaving
    let turn = Turn()
    /// Whether the latest checkpoint holds the present tensors, and what it holds of the state to go back to.
    var stored: (step: Int, isBest: Bool, isAtSnapshot: Bool)?
    /// Who trained the run before, and died.
    var takenOverFrom: RunOwner?
    /// Whether training has gone back since the last save.
    var hasGoneBack = false
    /// A context for what another thread computes; nil on the thread that trains.
    var contextOfBreak: ComputeContext?
    /// Where to stop although the run is not over.
    package var stopAfter: Int?
    /// Seconds that this session may take.
    var timeLimit: Double?

    /// The run that is trained: another one than at first only if that was lost.
    package var run: Run { saving.run }
    /// Where the work is, if not where it began.
    package var rescue: Rescue? { saving.rescue }
    /// Where the run is kept now: another store than at first only if that was lost.
    package var store: CheckpointStore { saving.store }

    /// A new run, created in the store.
    /// - Parameter description: with the plan as its configuration.
    package convenience init(
        _ task: Task, plan: Task.Plan, description: RunDescription, store: CheckpointStore, in context: ComputeContext
    ) throws {
        let run = try store.createRun(description)
        self.init(run: run, beginning: plan, task: task, store: store, in: context)
        let parameters = task.parameters.reduce(0) { $0 + $1.value.count }
        record(event: "started", "new run, \(parameters) parameters, \(context.workers.count) threads")
    }

    /// A run that has done no step yet.
    convenience init(
        run: Run, beginning plan: Task.Plan, task: Task, store: CheckpointStore, in context: ComputeContext
    ) {
        let position = TrainingPosition(
            cursor: task.cursor, learningRate: LearningRate(plan.learningRateSchedule),
            earlyStopping: EarlyStopping(patience: plan.patience))
        self.init(
            run: run, plan: plan, task: task, store: store,
            state: TrainingState(
                position: position, steps: plan.steps, stepsAreFixed: plan.stepsAreFixed),
            optimizer: plan.optimizer.makeOptimizer(), snapshot: nil, context: context)
        if let weights = task.initialWeights {
            snapshot.place = .beginning(weights: weights, others: task.companions)
        }
    }

    /// - Parameter snapshot: nil: the state itself.
    init(
        run: Run, plan: Task.Plan, task: Task, store: CheckpointStore, state: TrainingState<Task.Cursor>,
        optimizer: any UpdateRule, snapshot: TrainingSnapshot<Task.Cursor>?, context: ComputeContext
    ) {
        (self.plan, self.task, saving) = (plan, task, RunSaving(run, in: store))
        (self.state, self.optimizer, self.context) = (state, optimizer, context)
        timeLimit = plan.timeLimit
        self.snapshot =
            snapshot
            ?? TrainingSnapshot(position: state.position, place: .memory(Self.sections(of: task, optimizer)))
        saving.willLeave = { [unowned self] in detachSnapshot(canRead: $0) }
    }

    /// Everything that a checkpoint holds in tensors.
    static func sections(
        of task: Task, _ optimizer: any UpdateRule
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
    /// - Throws: ``RunError/diverged(step:reason:attempts:)``, ``RunError/runLost(run:savedAs:store:reason:)``, and
    ///   ``StoreError`` when nothing could be saved at the end, nowhere. Before that, training goes on while saving
    ///   fails; see ``rescue``.
    package func train(
        shouldStop: () -> Bool = { false }, onEvent: (TrainingEvent) -> Void = { _ in }
    ) throws -> TrainingOutcome {
        turn.begin()
        defer { turn.end() }
        do {
            return try trainToEnd(shouldStop: shouldStop, onEvent: onEvent)
        } catch let error as Turn.BrokenOff {
            guard let ending = turn.ending else { throw error }
            return try ending.get()
        } catch  where !(error is RunError || error is StoreError) {
            // Its data cannot be read any more, say: what was done until then is not to be lost.
            record(event: "stopped", "\(error)")
            try save(isBest: false, urgency: .last, onEvent)
            try saving.end(.interrupted, step: state.position.step, onEvent)
            throw error
        }
    }

    private func trainToEnd(
        shouldStop: () -> Bool, onEvent: (TrainingEvent) -> Void
    ) throws -> TrainingOutcome {
        try saving.begin(at: state.position.step)
        if let owner = takenOverFrom {
            record(event: "taken_over", "from \(owner), which is gone")
            onEvent(.tookOver(from: owner))
            takenOverFrom = nil
        }
        onEvent(.started(StartedRun(run: run, step: state.position.step)))
        clock = SessionClock(secondsBefore: state.seconds, now: now)
        task.cursor = state.position.cursor
        if state.rollBack.judge.guessing == nil { state.rollBack.judge.guessing = task.guessingLoss }
        var budget = timeLimit.map(TimeBudget.init)
        // Steps that were given are kept; those that the clock fixes may follow it.
        let clockFixesSteps = !plan.stepsAreFixed
        var endedEarly = false
        // Weights that came from elsewhere cannot be made again from the plan.
        if state.position.step == 0, stored == nil, task.initialWeights == nil { try save(isBest: false, onEvent) }

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
                try sample(onEvent)
            }
            if step >= plan.steps || endedEarly { break }
            let isToStop = shouldStop(), isCut = stopAfter.map { step >= $0 } ?? false
            let isOver = budget.map { clock.sessionSeconds >= $0.deadline } ?? false
            let isDueToSave =
                clock.secondsSinceSave > 45
                || (plan.saveEvery.map { self.isDue(step, every: $0) && clock.stepsSinceSave > 0 } ?? false)
            if isToStop || isCut || isOver || isDueToSave, stored == nil, !weightsAreFinite {
                // The next step would find it out: what is saved is what it would go back to.
                try recover(from: state.rollBack.inspect(loss: .nan, gradientNorm: 0), onEvent)
                continue
            }
            if isToStop { return try stop(.interrupted, onEvent) }
            if isCut { return try stop(.stopAfter, onEvent) }
            if isOver, step > 0 {
                // What is there is scored, as at the end of every run.
                if clockFixesSteps, !plan.stepsAreFixed {
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
                guard clockFixesSteps else { return try stop(.timeLimit, onEvent) }
                record(event: RunEvents.cutShort, "after \(step) of \(plan.steps) steps: the time is over")
                break
            }
            if clockFixesSteps, plan.stepsAreFixed,
                let steps = budget?.revised(plan.steps, after: step, at: clock.sessionSeconds)
            {
                fixSteps(steps, onEvent)
            }
            if isDueToSave { try save(isBest: false, onEvent) }

            let rate = state.position.learningRate.rate(at: step) * state.rollBack.rateFraction
            let began = clock.sessionSeconds
            let found = try turn.computing { try task.gradients(step: step) }
            let decision = state.rollBack.inspect(loss: found.loss, gradientNorm: found.clip.norm)
            guard decision == .proceed else {
                try recover(from: decision, onEvent)
                continue
            }
            optimizer.update(
                task.parameters, along: found.tensors, rate: Float(rate), scale: found.clip.scale, in: context)
            task.advance()
            stored = nil
            state.position.step += 1
            state.position.cursor = task.cursor
            state.position.runningLoss.record(found.loss)
            clock.stepDone(units: found.units, seconds: clock.sessionSeconds - began)
            onEvent(.progress(progress(rate: rate)))
            if !plan.stepsAreFixed, state.position.step > plan.warmUp {
                // Few steps say little about the rate, the first ones least: the next one is made ahead, and not used.
                while clock.stepsMeasured < 8, clock.sessionSeconds < (timeLimit ?? 0) / 4 {
                    let began = clock.sessionSeconds
                    _ = try turn.computing { try task.gradients(step: step + 1) }
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

    /// A step may spoil weights and have a loss that is a number: the one after it has not.
    private var weightsAreFinite: Bool {
        task.parameters.allSatisfy { parameter in
            parameter.value.withUnsafePointer { values in
                (0..<parameter.value.count).allSatisfy { values[$0].isFinite }
            }
        }
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
            if !state.rollBack.judge.isSuspicious { takeSnapshot() }
            return .passed
        }
        onEvent(.validating(step: state.position.step))
        var wasStopped = false
        let loss = try turn.computing {
            try task.validationLoss {
                turn.meanwhile(saving.beat)
                wasStopped = shouldStop()
                return wasStopped
            }
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
        // Weights that may have gone astray are none to go back to.
        if !state.rollBack.judge.isSuspicious { takeSnapshot() }
        onEvent(
            .validated(
                ValidationReport(
                    step: step, epoch: epoch, trainingLoss: state.position.runningLoss.value ?? .nan,
                    validationLoss: loss, isBest: isBest,
                    seconds: clock.totalSeconds)))
        if isBest || clock.secondsSinceSave > 30 { try save(isBest: isBest, onEvent) }
        return .passed
    }

    func recordProgress() {
        if let loss = state.position.runningLoss.value { record(metric: "training_loss", loss) }
        record(
            metric: "learning_rate",
            state.position.learningRate.rate(at: state.position.step) * state.rollBack.rateFraction)
    }

    func takeSnapshot() {
        snapshot = TrainingSnapshot(position: state.position, place: .memory(Self.sections(of: task, optimizer)))
    }

    private func sample(_ onEvent: (TrainingEvent) -> Void) throws {
        let sample = try turn.computing { task.sample(step: state.position.step) }
        state.position.sampledStep = state.position.step
        // Who goes back to here has this sample already.
        if snapshot.position.step == state.position.step { snapshot.position.sampledStep = state.position.step }
        guard let sample else { return }
        saving.history.samples.append(sample)
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
            try save(isBest: false, urgency: .last, onEvent)
            try saving.end(.failed, step: state.position.step, onEvent)
            throw RunError.diverged(step: step, reason: "\(failure)", attempts: attempts)
        }
    }

    /// The tensors of the state to go back to, from wherever they are.
    func snapshotSections() throws -> [Checkpoint.Section: NamedTensors] {
        if case .memory(let sections) = snapshot.place { return sections }
        // They take the place of what a step needs, unless one is being computed.
        if contextOfBreak == nil { context.workspace.releaseAll() }
        switch snapshot.place {
        case .memory(let sections): return sections
        case .beginning(let weights, var sections):
            sections[.parameter] = weights(contextOfBreak ?? context)
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
        (stored, hasGoneBack) = (nil, true)
        // Samples from here on will be made again.
        saving.forgetHistory(after: state.position.step)
    }

    // MARK: Records

    func record(metric name: String, _ value: Double, step: Int? = nil) {
        let step = step ?? state.position.step
        saving.history.metrics.append(
            MetricRecord(
                step: step, epoch: Double(step) / Double(max(1, plan.stepsPerEpoch)), name: name, value: value,
                seconds: clock.totalSeconds))
    }

    func record(event kind: String, _ message: String) {
        saving.history.events.append(EventRecord(step: state.position.step, kind: kind, message: message))
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
