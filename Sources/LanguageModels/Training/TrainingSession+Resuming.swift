public import Checkpoints
public import TensorCore
import TextCorpora
import Training

/// What may change when a run goes on. Everything else comes from the run.
public struct ResumeOptions: Sendable, Equatable {
    public var steps: Int?
    public var epochs: Double?
    public var timeLimit: Double?

    public init(steps: Int? = nil, epochs: Double? = nil, timeLimit: Double? = nil) {
        self.steps = steps
        self.epochs = epochs
        self.timeLimit = timeLimit
    }
}

extension TrainingSession {
    /// A run that goes on from its latest checkpoint, bit for bit as if it had never stopped.
    /// - Parameter paths: where the text is now; empty: where it was.
    /// - Throws: ``StoreError``, ``LanguageModelError``.
    public static func resume(
        _ selection: RunSelection, paths: [String] = [], options: ResumeOptions = ResumeOptions(),
        store: CheckpointStore, in context: ComputeContext
    ) throws -> TrainingSession {
        let run = try store.run(selection, kind: LanguageModel.runKind)
        var plan = try run.configuration(as: TrainingPlan.self)
        let record = try run.corpus(as: CorpusRecord.self)
        try plan.check(with: record)
        let checkpoint = try store.loadCheckpoint(.latest, of: run.id)
        var state = try CanonicalJSON.decode(
            TrainingState.self, from: checkpoint.state, what: "the state of run '\(run.name)'")
        let storedSteps = state.stepsAreFixed ? state.steps : nil
        try apply(options, to: &plan, state: &state)
        if run.status == .finished, state.position.step >= plan.steps || state.position.earlyStopping.isExhausted {
            throw LanguageModelError.runFinished(run: run.name, steps: state.position.step)
        }
        let corpus = try PreparedCorpus.reread(record, run: run.name, at: paths)
        try state.check(plan, corpus)

        let model = LanguageModel(plan.model, seed: plan.seed, in: context)
        try model.load(checkpoint.sections[.parameter] ?? NamedTensors())
        let tensors = checkpoint.sections[.state] ?? NamedTensors()
        let optimizer = try plan.optimizer.makeOptimizer(
            step: state.position.step, slots: checkpoint.sections[.optimizer] ?? NamedTensors(), for: model.parameters)
        let snapshot = try state.snapshot.map { position in
            let stored = try TrainingSnapshot(
                position: position, stored: tensors, configuration: plan.model, lanes: plan.lanes)
            try stored.check(plan, model.parameters)
            return stored
        }
        let session = TrainingSession(
            run: run, plan: plan, model: model, corpus: corpus, store: store, state: state,
            carried: try ModelState(named: tensors, configuration: plan.model, lanes: plan.lanes), optimizer: optimizer,
            snapshot: snapshot, context: context)
        // A limit counts from the start of a session: one that has done its work is over.
        session.timeLimit = options.timeLimit ?? (plan.stepsAreFixed ? nil : plan.timeLimit)
        session.record(event: "resumed", "at step \(state.position.step), \(context.workers.count) threads")
        if let storedSteps, storedSteps != plan.steps {
            session.record(event: stepsChangedEvent, "\(plan.steps) steps instead of \(storedSteps)")
        }
        return session
    }

    /// The kind of event that says that a run was given another number of steps after it had begun.
    public static let stepsChangedEvent = "steps_changed"

    private static func apply(
        _ options: ResumeOptions, to plan: inout TrainingPlan, state: inout TrainingState
    ) throws(LanguageModelError) {
        plan.steps = state.steps
        plan.stepsAreFixed = state.stepsAreFixed
        var given = TrainingOptions()
        (given.steps, given.epochs, given.timeLimit) = (options.steps, options.epochs, options.timeLimit)
        try given.validate()
        var wanted = options.steps
        if wanted == nil, let epochs = options.epochs {
            wanted = try TrainingPlan.steps(for: epochs, of: plan.stepsPerEpoch)
        }
        if let wanted {
            plan.steps = wanted
            plan.stepsAreFixed = true
            state.position.learningRate = state.position.learningRate.following(plan.learningRateSchedule)
            state.snapshot?.learningRate = state.position.learningRate
            // More steps for a run that patience has ended are meant to be done.
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
