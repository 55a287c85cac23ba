import Autodiff
package import Checkpoints
import Kernels
package import TensorCore
import Training

/// Trains a run in a store, a new one or one that goes on: a loop and the run that keeps what it does.
package final class TrainingSession<Task: TrainingTask> {
    let loop: TrainingLoop<Task>
    let stored: StoredRun<Task.Cursor>

    /// A new run, created in the store.
    /// - Parameter description: with the plan as its configuration.
    package convenience init(
        _ task: Task, plan: Task.Plan, description: RunDescription, store: CheckpointStore, in context: ComputeContext
    ) throws {
        let run = try store.createRun(description)
        self.init(run: run, beginning: plan, task: task, store: store, in: context)
        let parameters = task.parameters.reduce(0) { $0 + $1.value.count }
        loop.record(event: "started", "new run, \(parameters) parameters, \(context.workers.count) threads")
    }

    /// A run that has done no step yet.
    convenience init(
        run: Run, beginning plan: Task.Plan, task: Task, store: CheckpointStore, in context: ComputeContext
    ) {
        let state = TrainingState(beginning: plan, at: task.cursor), optimizer = plan.optimizer.makeOptimizer()
        let place: StoredRun<Task.Cursor>.Place =
            if let weights = task.initialWeights {
                .beginning(weights: weights, others: task.companions)
            } else {
                .memory(TrainingLoop.sections(of: task, optimizer))
            }
        self.init(
            run: run, plan: plan, task: task, store: store, state: state, optimizer: optimizer, marked: state.position,
            at: place, in: context)
    }

    /// - Parameters:
    ///   - marked: the state to go back to, and where its tensors are.
    init(
        run: Run, plan: Task.Plan, task: Task, store: CheckpointStore, state: TrainingState<Task.Cursor>,
        optimizer: any UpdateRule, marked: TrainingPosition<Task.Cursor>, at place: StoredRun<Task.Cursor>.Place,
        in context: ComputeContext
    ) {
        let parameters = task.parameters, configuration = plan.optimizer
        stored = StoredRun(
            run, in: store, marked: marked, at: place, keepsBeginning: task.initialWeights == nil,
            computingIn: context, check: { try MarkedTensors.check($0, step: $1, configuration, parameters) })
        loop = TrainingLoop(task, plan: plan, state: state, optimizer: optimizer, keeper: stored, in: context)
    }

    // MARK: Training

    package var task: Task { loop.task }
    package var plan: Task.Plan { loop.plan }
    /// The run that is trained: another one than at first only if that was lost.
    package var run: Run { stored.run }
    /// Where the work is, if not where it began.
    package var rescue: Rescue? { stored.rescue }
    /// Where the run is kept now: another store than at first only if that was lost.
    package var store: CheckpointStore { stored.store }

    /// The best that validation has found so far; nil: nothing was validated.
    package var best: (step: Int, loss: Double)? { loop.best }

    /// Where to stop although the run is not over.
    package var stopAfter: Int? {
        get { loop.stopAfter }
        set { loop.stopAfter = newValue }
    }

    /// Seconds since any moment; tests have a clock of their own.
    package var now: () -> Double {
        get { loop.now }
        set { loop.now = newValue }
    }

    /// Seconds between attempts to save, while they fail.
    package var secondsBetweenAttempts: Double {
        get { stored.attempts.retryAfter }
        set { stored.attempts.retryAfter = newValue }
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
        try TrainingWatcher.with(shouldStop: shouldStop, onEvent: onEvent) { try loop.train($0) }
    }

    /// Ends training from another thread, without waiting for the step, validation or score that is being computed: the
    /// state before it is saved. ``train(shouldStop:onEvent:)`` returns the same when that is done.
    /// - Parameter onEvent: called on the thread that calls.
    /// - Returns: nil if training has ended by itself.
    package func breakOff(onEvent: (TrainingEvent) -> Void) throws -> TrainingOutcome? {
        try TrainingWatcher.with(shouldStop: { false }, onEvent: onEvent) { try loop.breakOff($0) }
    }

    /// Whether ``breakOff(onEvent:)`` has ended the last training.
    package var wasBrokenOff: Bool { loop.turn.wasBrokenOff }

    /// Closes the store that the work is in.
    package func close() throws(StoreError) { try stored.store.close() }
}
