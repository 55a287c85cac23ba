public import Checkpoints
import Foundation
public import TensorCore
import Training

extension TrainingSession {
    /// A run that goes on from its latest checkpoint, bit for bit as if it had never stopped.
    /// - Parameters:
    ///   - run: of the task's kind.
    ///   - plan: as it was stored with the run, and checked.
    ///   - makeTask: builds what is trained, with any weights; called once the checkpoint has been found to be one that
    ///     can go on.
    /// - Throws: ``StoreError``, ``RunError``, `OptimizerStateError`, and what `makeTask` throws.
    public static func resume(
        _ run: Run, plan storedPlan: Task.Plan, options: ResumeOptions = ResumeOptions(), store: CheckpointStore,
        in context: ComputeContext, makeTask: (Task.Plan) throws -> Task
    ) throws -> TrainingSession {
        var plan = storedPlan
        try plan.checkSteps()
        let checkpoint = try store.loadCheckpoint(.latest, of: run.id)
        var state = try CanonicalJSON.decode(
            TrainingState<Task.Cursor>.self, from: checkpoint.state, what: "the state of run '\(run.name)'")
        let storedSteps = state.stepsAreFixed ? state.steps : nil
        try apply(options, to: &plan, state: &state)
        if run.status == .finished, state.position.step >= plan.steps || state.position.earlyStopping.isExhausted {
            throw RunError.runFinished(run: run.name, steps: state.position.step)
        }
        let task = try makeTask(plan)
        try check(state, task)
        try load(checkpoint.sections[.parameter] ?? NamedTensors(), into: task)
        try task.setCompanions(checkpoint.sections)
        task.cursor = state.position.cursor
        let optimizer = try plan.optimizer.makeOptimizer(
            step: state.position.step, slots: checkpoint.sections[.optimizer] ?? NamedTensors(), for: task.parameters)
        if let position = state.snapshot {
            let sections = SnapshotTensors.sections(stored: checkpoint.sections[.state] ?? NamedTensors())
            try SnapshotTensors.check(sections, step: position.step, plan.optimizer, task.parameters)
            // What it holds besides must fit as well: it is tried on, and the present state put back.
            try task.setCompanions(sections)
            try task.setCompanions(checkpoint.sections)
        }
        let snapshot = TrainingSnapshot(
            position: state.snapshot ?? state.position, place: .store(isBeside: state.snapshot != nil))
        let session = TrainingSession(
            run: run, plan: plan, task: task, store: store, state: state, optimizer: optimizer, snapshot: snapshot,
            context: context)
        // A limit counts from the start of a session: one that has done its work is over.
        session.timeLimit = options.timeLimit ?? (plan.stepsAreFixed ? nil : plan.timeLimit)
        session.record(event: "resumed", "at step \(state.position.step), \(context.workers.count) threads")
        if let storedSteps, storedSteps != plan.steps {
            session.record(event: RunEvents.stepsChanged, "\(plan.steps) steps instead of \(storedSteps)")
        }
        return session
    }

    private static func check(_ state: TrainingState<Task.Cursor>, _ task: Task) throws(RunError) {
        guard (1...largestStepCount).contains(state.steps) else {
            throw .damagedCheckpoint("it has \(state.steps) steps")
        }
        for place in [state.position] + (state.snapshot.map { [$0] } ?? []) {
            guard place.step >= 0 else { throw .damagedCheckpoint("it stands at step \(place.step)") }
            guard task.accepts(place.cursor) else {
                throw .damagedCheckpoint("it stands at place \(place.cursor), which its data do not have")
            }
        }
    }

    private static func load(_ tensors: NamedTensors, into task: Task) throws(RunError) {
        for parameter in task.parameters { try parameter.load(from: tensors) }
    }

    private static func apply(
        _ options: ResumeOptions, to plan: inout Task.Plan, state: inout TrainingState<Task.Cursor>
    ) throws(RunError) {
        plan.steps = state.steps
        plan.stepsAreFixed = state.stepsAreFixed
        try options.validate()
        var wanted = options.steps
        if wanted == nil, let epochs = options.epochs {
            wanted = try Task.Plan.steps(for: epochs, of: plan.stepsPerEpoch)
        }
        if let wanted {
            plan.steps = wanted
            plan.stepsAreFixed = true
            state.position.learningRate = state.position.learningRate.following(plan.learningRateSchedule)
            state.snapshot?.learningRate = state.position.learningRate
            // Steps that are given are meant to be done, also by a run that patience has ended.
            if state.position.earlyStopping.patience == .automatic {
                state.position.earlyStopping.patience = nil
                state.snapshot?.earlyStopping.patience = nil
            }
            if wanted > state.position.step, state.position.earlyStopping.isExhausted {
                state.position.earlyStopping.startAgain()
                state.snapshot?.earlyStopping.startAgain()
            }
        }
        if !plan.stepsAreFixed { plan.timeLimit = options.timeLimit ?? plan.timeLimit }
        state.steps = plan.steps
        state.stepsAreFixed = plan.stepsAreFixed
    }
}
