import Autodiff
import Checkpoints
import Foundation
import Kernels
package import TensorCore
import Training

/// Trains a task step by step. It knows no store: what has to be kept it hands to its keeper.
///
/// Everything that reaches the weights is a function of plan, data and step; the clock decides only when to save and
/// when to stop. Stopped anywhere and resumed, on any number of threads, training computes the same bits.
package final class TrainingLoop<Task: TrainingTask> {
    package let task: Task
    let context: ComputeContext
    let keeper: any TrainingKeeper<Task.Cursor>
    /// Who may touch what is kept: this thread, except while it computes what may be given up.
    let turn = Turn()

    var plan: Task.Plan
    var state: TrainingState<Task.Cursor>
    var optimizer: any UpdateRule

    /// Seconds since any moment; tests have a clock of their own.
    var now: () -> Double = SessionClock.systemSeconds
    var clock = SessionClock()
    /// How the time is spent, if there is a limit to it.
    var budget: TimeBudget?
    /// Whether the clock may change the number of steps: not where it was given.
    var clockFixesSteps = false
    /// Where to stop although training is not over.
    package var stopAfter: Int?
    /// Seconds that the next call of ``train(_:)`` may take.
    var timeLimit: Double?

    /// - Parameters:
    ///   - state: where the task stands.
    ///   - optimizer: after as many steps.
    init(
        _ task: Task, plan: Task.Plan, state: TrainingState<Task.Cursor>, optimizer: any UpdateRule,
        keeper: any TrainingKeeper<Task.Cursor>, in context: ComputeContext
    ) {
        (self.task, self.plan, self.state, self.optimizer) = (task, plan, state, optimizer)
        (self.keeper, self.context, timeLimit) = (keeper, context, plan.timeLimit)
    }

    /// Training that begins, and is kept in memory.
    /// - Parameter name: what messages call it.
    package convenience init(_ task: Task, plan: Task.Plan, name: String, in context: ComputeContext) {
        let state = TrainingState(beginning: plan, at: task.cursor), optimizer = plan.optimizer.makeOptimizer()
        let moment = TrainingMoment(state: state, sections: Self.sections(of: task, optimizer))
        let keeper = MemoryKeeper(moment, name: name)
        self.init(task, plan: plan, state: state, optimizer: optimizer, keeper: keeper, in: context)
    }

    var step: Int { state.position.step }

    /// The best that validation has found so far; nil: nothing was validated.
    package var best: (step: Int, loss: Double)? {
        let found = state.position.earlyStopping
        return found.bestStep.flatMap { step in found.bestLoss.map { (step, $0) } }
    }

    /// The weights of ``best``, or the last ones if nothing was validated; nil before training has ended.
    package func bestWeights() throws -> NamedTensors? { try keeper.bestSections()?[.parameter] }

    /// Passes over the training part.
    var epoch: Double { Double(step) / Double(max(1, plan.stepsPerEpoch)) }

    /// Everything that a checkpoint holds of this moment. Holding it makes the next step copy what it changes.
    var moment: TrainingMoment<Task.Cursor> {
        state.seconds = clock.totalSeconds
        return TrainingMoment(state: state, sections: Self.sections(of: task, optimizer))
    }

    /// ``train(_:)`` with closures that do not outlive the call.
    package func train(
        shouldStop: () -> Bool, onEvent: (TrainingEvent) -> Void
    ) throws -> TrainingOutcome {
        try TrainingWatcher.with(shouldStop: shouldStop, onEvent: onEvent) { try train($0) }
    }

    /// Trains until all steps are done, or something stops it; then everything is kept.
    /// - Throws: `RunError`, `StoreError`, and what the task throws.
    func train(_ watcher: TrainingWatcher) throws -> TrainingOutcome {
        turn.begin()
        defer { turn.end() }
        do {
            return try trainInTurn(watcher)
        } catch let error as Turn.BrokenOff {
            guard let ending = turn.ending else { throw error }
            return try ending.get()
        } catch  where !(error is RunError || error is StoreError) {
            // Its data cannot be read any more, say: what was done until then is not to be lost.
            try leave(.interrupted, event: "stopped", "\(error)", watcher)
            throw error
        }
    }

    private func trainInTurn(_ watcher: TrainingWatcher) throws -> TrainingOutcome {
        task.cursor = state.position.cursor
        if state.rollBack.judge.guessing == nil { state.rollBack.judge.guessing = task.guessingLoss }
        clock = SessionClock(secondsBefore: state.seconds, now: now)
        try keeper.begin(moment, of: plan, now: now, watcher)
        budget = timeLimit.map(TimeBudget.init)
        clockFixesSteps = !plan.stepsAreFixed

        while true {
            if step >= plan.steps || isDue(every: plan.evaluateEvery), state.position.validatedStep != step {
                switch try validate(watcher) {
                case .passed: break
                case .interrupted: return try stop(.interrupted, watcher)
                case .notFinite(let loss):
                    // The last step has spoiled the weights: no state to keep, nor to go back to.
                    try goBack(state.rollBack.inspect(loss: loss), watcher)
                    continue
                }
            }
            let endsEarly = state.position.earlyStopping.isExhausted
            if let every = plan.sampleEvery, isDue(every: every), state.position.sampledStep != step {
                try sample(watcher)
            }
            if step >= plan.steps || endsEarly { return try finish(endsEarly: endsEarly, watcher) }

            let isAskedToStop = watcher.shouldStop(), isFarEnough = stopAfter.map { step >= $0 } ?? false
            let timeIsOver = budget.map { clock.sessionSeconds >= $0.deadline } ?? false
            let isSaveDue = keeper.isSaveDue(at: step, every: plan.saveEvery)
            if isAskedToStop || isFarEnough || timeIsOver || isSaveDue, !keeper.holdsPresent, !weightsAreFinite {
                // The next step would find it out: what is saved is what it would go back to.
                try goBack(state.rollBack.inspect(loss: .nan), watcher)
                continue
            }
            if isAskedToStop { return try stop(.interrupted, watcher) }
            if isFarEnough { return try stop(.stopAfter, watcher) }
            if timeIsOver, step > 0 {
                guard let outcome = try endInTime(watcher) else { continue }
                return outcome
            }
            followTheClock(watcher)
            if isSaveDue { try keeper.save(moment, of: plan, as: .due, watcher) }

            let rate = state.position.learningRate.rate(at: step) * state.rollBack.rateFraction
            let began = clock.sessionSeconds
            let found = try turn.computing { try task.gradients(step: step) }
            let decision = state.rollBack.inspect(loss: found.loss, gradientNorm: found.clip.norm)
            guard decision == .proceed else {
                try goBack(decision, watcher)
                continue
            }
            apply(found, rate: rate)
            clock.stepDone(units: found.units, seconds: clock.sessionSeconds - began)
            watcher.onEvent(.progress(progress(rate: rate)))
            try measureTime(watcher)
        }
    }

    private func isDue(every: Int) -> Bool { step > 0 && step % every == 0 }

    /// Takes the step.
    private func apply(_ found: StepGradients, rate: Double) {
        optimizer.update(
            task.parameters, along: found.tensors, rate: Float(rate), scale: found.clip.scale, in: context)
        task.advance()
        keeper.stepDone()
        state.position.step += 1
        state.position.cursor = task.cursor
        state.position.runningLoss.record(found.loss)
    }

    /// A step may spoil weights and have a loss that is a number: the one after it has not.
    private var weightsAreFinite: Bool { task.parameters.allSatisfy(\.value.isFinite) }

    // MARK: Validation and samples

    enum Check {
        case passed
        /// Stopped before its end: it is done again when training goes on.
        case interrupted
        case notFinite(Double)
    }

    /// Scores the held-out part, if there is one, and takes the state as one to go back to.
    func validate(_ watcher: TrainingWatcher) throws -> Check {
        guard task.hasValidation else {
            state.position.validatedStep = step
            recordProgress()
            markUnlessSuspicious()
            return .passed
        }
        watcher.onEvent(.validating(step: step))
        var wasStopped = false
        let loss = try turn.computing {
            try task.validationLoss {
                turn.meanwhile(keeper.beat)
                wasStopped = watcher.shouldStop()
                return wasStopped
            }
        }
        if wasStopped { return .interrupted }
        guard loss.isFinite else { return .notFinite(loss) }
        state.position.validatedStep = step
        state.position.validationLoss = loss
        state.position.learningRate.record(validationLoss: loss)
        let isBest = state.position.earlyStopping.record(loss, after: step) == .improved
        recordProgress()
        record(metric: "validation_loss", loss)
        markUnlessSuspicious()
        watcher.onEvent(
            .validated(
                ValidationReport(
                    step: step, epoch: epoch, trainingLoss: state.position.runningLoss.value ?? .nan,
                    validationLoss: loss, isBest: isBest, seconds: clock.totalSeconds)))
        try keeper.save(moment, of: plan, as: isBest ? .best : .validated, watcher)
        return .passed
    }

    /// Weights that may have gone astray are none to go back to.
    private func markUnlessSuspicious() {
        if !state.rollBack.judge.isSuspicious { keeper.mark(moment) }
    }

    private func sample(_ watcher: TrainingWatcher) throws {
        let sample = try turn.computing { task.sample(step: step) }
        state.position.sampledStep = step
        // Who goes back to here has this sample already.
        if keeper.marked.step == step { keeper.marked.sampledStep = step }
        guard let sample else { return }
        keeper.history.samples.append(sample)
        watcher.onEvent(.sampled(step: sample.step, text: sample.text))
    }
}
