import ArgumentParser
import Checkpoints
import CommandLineSupport
import LanguageModels
import TensorCore
import TextCorpora
import Training
import TrainingRuns

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a model on a text.",
        discussion: """
            Reads files, folders (with all that is in them), .gz files, and standard input (-). Sizes, schedule and \
            length follow from the text unless you say otherwise, and are printed before training starts. Ctrl-C saves \
            and stops; --resume goes on, bit for bit as if nothing had happened.

            Examples:
              charnn train corpus.txt
              charnn train poems letters.txt.gz --time-limit 10m --name verse
              charnn train corpus.txt --stack lstm:256,gru:128 --dropout 0.3 --dry-run
              charnn train --resume latest
              charnn train letters.txt --from verse-1
            """)

    @Argument(help: "Files or folders to learn from; - is standard input.", completion: .file())
    var paths: [String] = []

    @OptionGroup(title: "Model") var model: ModelArguments
    @OptionGroup(title: "Training") var schedule: ScheduleArguments
    @OptionGroup(title: "Text") var text: TextArguments

    @Option(help: ArgumentHelp("What the run is called.", discussion: "Default: after the file.", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Go on with a run, or with the latest.",
            discussion: "With --steps, --epochs, --time-limit, --stop-after, --threads; all else comes from the run.",
            valueName: "run"))
    var resume: String?

    @Option(
        help: ArgumentHelp(
            "Start from the weights of another run, characters matched one by one.",
            discussion: "Sizes come from that run, and the learning rate is a third of the usual one.",
            valueName: "run"))
    var from: String?

    @Option(
        name: .customLong("stop-after"), parsing: .unconditional,
        help: ArgumentHelp("Save and stop after this step of the run.", valueName: "step"))
    var stopAfter: Int?

    @Flag(name: .customLong("dry-run"), help: "Print the plan with memory and time it takes, and train nothing.")
    var isDryRun = false

    @OptionGroup(title: "General") var compute: ComputeArguments
    @OptionGroup(title: "General") var store: StoreArguments
    @OptionGroup(title: "General") var output: JSONArguments

    func validate() throws {
        if paths.isEmpty, resume == nil {
            throw ValidationError("name a text to learn from, for example: charnn train corpus.txt")
        }
        if resume != nil, from != nil { throw ValidationError("give --resume or --from, not both") }
        if resume != nil, isDryRun { throw ValidationError("--dry-run is for new runs: leave --resume out") }
        if let stopAfter, stopAfter < 1 {
            throw ValidationError("--stop-after: must be at least 1, not \(stopAfter)")
        }
        do {
            try TrainingOptions(model, schedule).validate()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func run() throws {
        // Before any thread is made: see SignalWatch.
        let signals = SignalWatch()
        let console = Console()
        let context = try compute.makeContext()
        if let resume {
            try goOn(with: resume, console: console, signals: signals, context: context)
        } else {
            try start(console: console, signals: signals, context: context)
        }
    }

    // MARK: A new run

    private func start(console: Console, signals: SignalWatch, context: ComputeContext) throws {
        let source = try from.map { try FineTuningSource(run: $0, store: store, arguments: self, context: context) }
        let options = TrainingOptions(model, schedule)
        var reading = text.readingOptions
        if let source { reading.unit = source.saved.vocabulary.unit }
        console.status("Reading \(paths.joined(separator: ", "))")
        let corpus = try PreparedCorpus.read(paths, reading: reading, options: options)
        var plan = try TrainingPlan.plan(
            for: corpus.summary, options: options, model: source?.model(classes: corpus.vocabulary.count, self))
        let transfer = source?.transfer(to: corpus, plan: &plan, hasRate: schedule.learningRate != nil, in: context)

        let description = PlanDescription(plan: plan, corpus: corpus, context: context)
        if isDryRun {
            return try DryRun(plan: plan, corpus: corpus, description: description, isJSON: output.isJSON)
                .run(console: console, in: context)
        }
        for line in description.lines { console.line(line) }
        if let source, let transfer {
            for line in source.lines(transfer, unit: corpus.vocabulary.unit) { console.line(line) }
        }
        let opened = try store.open(.readWrite)
        let session = try LanguageModelTraining(
            plan: plan, corpus: corpus, store: opened, name: name, weights: transfer?.weights, in: context)
        try train(session, corpus: corpus, in: opened, console: console, signals: signals)
    }

    // MARK: A run that goes on

    private func goOn(
        with name: String, console: Console, signals: SignalWatch, context: ComputeContext
    ) throws {
        let selection = RunSelection(name)
        // Looks first without writing: a store that does not exist is not to be made.
        let reader = try store.open(.readOnly)
        let run = try reader.run(selection, kind: LanguageModel.runKind)
        let plan = try run.configuration(as: TrainingPlan.self), record = try run.corpus(as: CorpusRecord.self)
        try reader.close()
        var given = model.given(besides: plan.model) + schedule.given(besides: plan, record)
        given += text.given(besides: record) + GivenOptions.list(("--name", self.name, "--name \(run.name)"))
        if let first = given.first {
            throw RunError.fixedByRun(run: run.name, option: first.option, stored: first.stored)
        }
        let opened = try store.open(.readWrite)
        console.status("Reading \((paths.isEmpty ? record.paths : paths).joined(separator: ", "))")
        let session = try LanguageModelTraining.resume(
            .named(run.name), paths: paths,
            options: ResumeOptions(
                steps: schedule.steps, epochs: schedule.epochs, timeLimit: schedule.timeLimit?.seconds),
            store: opened, in: context)
        let corpus = session.task.corpus
        for line in PlanDescription(plan: session.plan, corpus: corpus, context: context).lines { console.line(line) }
        try train(session, corpus: corpus, in: opened, console: console, signals: signals)
    }

    // MARK: Both

    private func train(
        _ session: LanguageModelTraining, corpus: PreparedCorpus, in opened: CheckpointStore, console: Console,
        signals: SignalWatch
    ) throws {
        session.stopAfter = stopAfter
        let report = TrainingReport(
            console: console, terms: TextTerms(unit: corpus.vocabulary.unit), storePath: store.path,
            storeArgument: store.argument)
        signals.defersEnding(true)
        defer { signals.defersEnding(false) }
        let outcome = try session.train(
            shouldStop: { signals.shouldStop || console.isClosed }, onEvent: { report.show($0) })
        try opened.close()
        report.show(outcome, run: session.run.name)
        if output.isJSON {
            let standardOutput = StandardOutput()
            try standardOutput.line(report.json(outcome, run: session.run.name).text)
            try standardOutput.flush()
        }
        if case .stopped(_, .interrupted) = outcome {
            throw ExitCode(signals.exitStatus ?? Program.closedOutputStatus)
        }
    }
}
