package import Checkpoints
import Kernels
package import TensorCore
import Training

extension TrainingSession {
    /// A run that goes on from its latest checkpoint, bit for bit as if it had never stopped.
    /// - Parameters:
    ///   - run: of the task's kind.
    ///   - plan: as it was stored with the run, and checked.
    ///   - makeTask: builds what is trained, with any weights; called once the checkpoint has been found to be one that
    ///     can go on.
    /// - Throws: ``StoreError``, ``RunError``, `OptimizerStateError`, and what `makeTask` throws.
    package static func resume(
        _ run: Run, plan storedPlan: Task.Plan, options: ResumeOptions = ResumeOptions(), store: CheckpointStore,
        in context: ComputeContext, makeTask: (Task.Plan) throws -> Task
    ) throws -> TrainingSession {
        let before = try store.take(run.id)
        do {
            let session = try resumed(run, storedPlan, options, store, context, makeTask)
            session.stored.takenOverFrom = run.status == .running ? before : nil
            return session
        } catch {
            try? store.giveBack(run.id)
            throw error
        }
    }

    private static func resumed(
        _ run: Run, _ storedPlan: Task.Plan, _ options: ResumeOptions, _ store: CheckpointStore,
        _ context: ComputeContext, _ makeTask: (Task.Plan) throws -> Task
    ) throws -> TrainingSession {
        var plan = storedPlan
        try plan.checkSteps()
        guard try store.checkpoints(of: run.id).contains(where: \.isLatest) else {
            return try startedAgain(run, plan, options, store, context, makeTask)
        }
        let checkpoint = try store.loadCheckpoint(.latest, of: run.id, mustBeFinite: false)
        var state = try CanonicalJSON.decode(
            TrainingState<Task.Cursor>.self, from: checkpoint.state, what: "the state of run '\(run.name)'")
        try state.check()
        // Spoiled weights are of use only where there is a state to go back to.
        if state.snapshot == nil,
            !checkpoint.sections[.parameter, default: NamedTensors()].allSatisfy(\.tensor.isFinite)
        {
            _ = try store.loadCheckpoint(.latest, of: run.id)
        }
        let storedSteps = state.stepsAreFixed ? state.steps : nil
        (plan.steps, plan.stepsAreFixed) = (state.steps, state.stepsAreFixed)
        try apply(options, to: &plan, state: &state)
        if run.status == .finished, state.position.step >= plan.steps || state.position.earlyStopping.isExhausted {
            throw RunError.runFinished(run: run.name, steps: state.position.step)
        }
        try (checkpoint.sections[.parameter] ?? NamedTensors()).check(plan.parameterShapes)
        let task = try makeTask(plan)
        try requireMoreThanWeights(checkpoint, state, plan, task, run)
        try check(state, task)
        try load(checkpoint.sections[.parameter] ?? NamedTensors(), into: task)
        try task.setCompanions(checkpoint.sections)
        let optimizer = try plan.optimizer.makeOptimizer(
            step: state.position.step, slots: checkpoint.sections[.optimizer] ?? NamedTensors(), for: task.parameters)
        if let position = state.snapshot {
            let sections = MarkedTensors.sections(stored: checkpoint.sections[.state] ?? NamedTensors())
            try MarkedTensors.check(sections, step: position.step, plan.optimizer, task.parameters)
            // What it holds besides must fit as well: it is tried on, and the present state put back.
            try task.setCompanions(sections)
            try task.setCompanions(checkpoint.sections)
        }
        let session = TrainingSession(
            run: run, plan: plan, task: task, store: store, state: state, optimizer: optimizer,
            marked: state.snapshot ?? state.position, at: .store(isBeside: state.snapshot != nil), in: context)
        // A limit counts from the start of a session: one that has done its work is over.
        session.loop.timeLimit = options.timeLimit ?? (plan.stepsAreFixed ? nil : plan.timeLimit)
        session.loop.record(event: "resumed", "at step \(state.position.step), \(context.workers.count) threads")
        if let storedSteps, storedSteps != plan.steps {
            session.loop.record(event: RunEvents.stepsChanged, "\(plan.steps) steps instead of \(storedSteps)")
        }
        return session
    }

    /// A run that was killed before its first save begins again, from its plan.
    private static func startedAgain(
        _ run: Run, _ storedPlan: Task.Plan, _ options: ResumeOptions, _ store: CheckpointStore,
        _ context: ComputeContext, _ makeTask: (Task.Plan) throws -> Task
    ) throws -> TrainingSession {
        var plan = storedPlan
        try change(&plan, by: options)
        let task = try makeTask(plan)
        guard task.initialWeights != nil else { throw RunError.nothingSaved(run: run.name) }
        let session = TrainingSession(run: run, beginning: plan, task: task, store: store, in: context)
        session.loop.record(event: "started", "again: nothing had been saved, \(context.workers.count) threads")
        if storedPlan.stepsAreFixed, plan.steps != storedPlan.steps {
            session.loop.record(
                event: RunEvents.stepsChanged, "\(plan.steps) steps instead of \(storedPlan.steps)")
        }
        return session
    }

    /// An export may leave out what only training needs, and a repair what was damaged of it: nothing is wrong then.
    private static func requireMoreThanWeights(
        _ checkpoint: Checkpoint, _ state: TrainingState<Task.Cursor>, _ plan: Task.Plan, _ task: Task, _ run: Run
    ) throws(RunError) {
        func isEmpty(_ tensors: NamedTensors?) -> Bool { tensors.map { $0.count == 0 } ?? true }
        let sections = checkpoint.sections, hasSlots = plan.optimizer.kind.slots > 0 && state.position.step > 0
        let needsMore = hasSlots || state.snapshot != nil || !isEmpty(task.companions[.state])
        guard needsMore, isEmpty(sections[.optimizer]), isEmpty(sections[.state]) else { return }
        throw .weightsAlone(run: run.name)
    }

    private static func check(_ state: TrainingState<Task.Cursor>, _ task: Task) throws(RunError) {
        for place in [state.position] + (state.snapshot.map { [$0] } ?? []) {
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
        if let wanted = try change(&plan, by: options) {
            state.position.learningRate = state.position.learningRate.following(plan.learningRateSchedule)
            state.snapshot?.learningRate = state.position.learningRate
            // Steps that are given are meant to be done, also by a run that patience has ended.
            if state.position.earlyStopping.patience == .automatic {
                state.position.earlyStopping.patience = nil
                state.snapshot?.earlyStopping.patience = nil
            }
            if wanted > state.position.step, state.position.earlyStopping.isExhausted {
                // A state to go back to is none that has ended a run.
                state.position.earlyStopping.startAgain()
            }
        }
        state.steps = plan.steps
        state.stepsAreFixed = plan.stepsAreFixed
    }

    /// - Returns: the number of steps, if another one is asked for.
    @discardableResult
    private static func change(_ plan: inout Task.Plan, by options: ResumeOptions) throws(RunError) -> Int? {
        try options.validate()
        var wanted = options.steps
        if wanted == nil, let epochs = options.epochs {
            wanted = try RunSettings.steps(for: epochs, of: plan.stepsPerEpoch)
        }
        if let wanted { (plan.steps, plan.stepsAreFixed) = (wanted, true) }
        if !plan.stepsAreFixed { plan.timeLimit = options.timeLimit ?? plan.timeLimit }
        return wanted
    }
}
