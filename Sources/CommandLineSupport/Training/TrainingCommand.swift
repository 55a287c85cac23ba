package import Checkpoints
package import TensorCore
package import TrainingRuns

/// `train` from its arguments to its result, whatever is trained.
package struct TrainingCommand {
    package let console = Console()
    package let context: ComputeContext
    private let session: SessionArguments
    private let store: StoreArguments
    private let output: JSONArguments
    private let signals: SignalWatch

    package init(
        _ session: SessionArguments, _ compute: ComputeArguments, _ store: StoreArguments, _ output: JSONArguments
    ) throws {
        (self.session, self.store, self.output) = (session, store, output)
        // Before any thread is made: see SignalWatch.
        signals = SignalWatch()
        context = try compute.makeContext()
    }

    /// A new run: measured if nothing else was asked for, or trained.
    /// - Parameters:
    ///   - memory: bytes that the data take.
    ///   - task: what is measured, of this plan or of one that differs in its precision.
    ///   - training: makes the run in the store.
    package func start<Task: TrainingTask>(
        _ plan: Task.Plan, memory: Int, report: () -> PlanReport, task: (Task.Plan) -> Task,
        training: (CheckpointStore) throws -> TrainingSession<Task>, terms: (TrainingSession<Task>) -> any TrainingTerms
    ) throws {
        try MachineCheck.check(plan, data: memory, store: store, console: console)
        let report = report()
        if session.isDryRun {
            return try report.measure(task, plan: plan, output: output, console: console, in: context)
        }
        for line in report.lines { console.line(line) }
        try train(training(store.open(.readWrite)), terms)
    }

    /// A run that goes on.
    /// - Parameters:
    ///   - options: given besides; those that the run has fixed are refused.
    ///   - stored: what the run was trained with.
    ///   - resume: takes it up.
    package func goOn<Table: OptionTable, Task: TrainingTask>(
        _ name: String, with options: GivenOptions<Table>, stored: (Run) throws -> Table.Run,
        resume: (Run, Table.Run, CheckpointStore) throws -> TrainingSession<Task>,
        report: (TrainingSession<Task>) -> PlanReport, terms: (TrainingSession<Task>) -> any TrainingTerms
    ) throws {
        let run = try store.run(RunSelection(name), kind: Task.runKind)
        let stored = try stored(run)
        try options.refuseChanges(of: stored, named: run.name)
        if session.name != nil {
            throw RunError.fixedByRun(run: run.name, option: "name", stored: "`name` \(run.name)")
        }
        try MachineCheck.check(stored.plan, store: store, isResumed: true, console: console)
        let training = try resume(run, stored, store.open(.readWrite))
        for line in report(training).lines { console.line(line) }
        try train(training, terms)
    }

    private func train<Task: TrainingTask>(
        _ training: TrainingSession<Task>, _ terms: (TrainingSession<Task>) -> any TrainingTerms
    ) throws {
        try ForegroundTraining(at: store, isJSON: output.isJSON, console: console, signals: signals)
            .run(training, stopAfter: session.stopAfter, terms: terms(training))
    }
}
