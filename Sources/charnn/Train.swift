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
    @OptionGroup(title: "Training") var windows: WindowArguments
    @OptionGroup(title: "Training") var optimization: OptimizationArguments
    @OptionGroup(title: "Text") var text: TextArguments
    @OptionGroup var session: SessionArguments

    @Option(
        help: ArgumentHelp(
            "Start from the weights of another run, characters matched one by one.",
            discussion: "Sizes come from that run, and the learning rate is a third of the usual one.",
            valueName: "run"))
    var from: String?

    @OptionGroup(title: "General") var compute: ComputeArguments
    @OptionGroup(title: "General") var store: StoreArguments
    @OptionGroup(title: "General") var output: JSONArguments

    func validate() throws {
        if paths.isEmpty, session.resume == nil {
            throw ValidationError("name a text to learn from, for example: charnn train corpus.txt")
        }
        if session.resume != nil, text.isStrict {
            throw ValidationError("--strict is for new runs: one that goes on knows its text by its fingerprint")
        }
        if session.resume != nil, from != nil { throw ValidationError("give --resume or --from, not both") }
        do {
            try LanguageModelOptions(model, windows, optimization).validate()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func run() throws {
        // Before any thread is made: see SignalWatch.
        let signals = SignalWatch()
        let console = Console()
        let context = try compute.makeContext()
        if let resume = session.resume {
            try goOn(with: resume, console: console, signals: signals, context: context)
        } else {
            try start(console: console, signals: signals, context: context)
        }
    }

    // MARK: A new run

    private func start(console: Console, signals: SignalWatch, context: ComputeContext) throws {
        let source = try from.map { try FineTuningSource(run: $0, store: store, arguments: self, context: context) }
        let options = LanguageModelOptions(model, windows, optimization)
        var reading = text.readingOptions
        if let source {
            reading.unit = source.saved.vocabulary.unit
            reading.unitIsFixed = true
        }
        console.status("Reading \(paths.joined(separator: ", "))")
        let corpus = try PreparedCorpus.read(paths, reading: reading, options: options)
        var plan = try LanguageModelPlan.plan(
            for: corpus.summary, options: options, model: source?.model(classes: corpus.vocabulary.count, self))
        let transfer = source?.transfer(to: corpus, plan: &plan, hasRate: options.learningRate != nil, in: context)

        try MachineCheck.check(plan, data: corpus.memory, store: store, console: console)
        let description = PlanDescription(plan: plan, corpus: corpus, context: context)
        if session.isDryRun {
            return try description.dryRun.run(
                LanguageModelTask(plan, corpus: corpus, in: context), plan: plan, isJSON: output.isJSON,
                console: console, in: context)
        }
        for line in description.lines { console.line(line) }
        if let source, let transfer {
            for line in source.lines(transfer, unit: corpus.vocabulary.unit) { console.line(line) }
        }
        let opened = try store.open(.readWrite)
        let training = try LanguageModelTraining(
            plan: plan, corpus: corpus, store: opened, name: session.name, weights: transfer?.weights, in: context)
        try ForegroundTraining(at: store, isJSON: output.isJSON, console: console, signals: signals)
            .run(training, stopAfter: session.stopAfter, terms: TextTerms(corpus))
    }

    // MARK: A run that goes on

    private func goOn(
        with name: String, console: Console, signals: SignalWatch, context: ComputeContext
    ) throws {
        let run = try store.run(RunSelection(name), kind: LanguageModel.runKind)
        let plan = try run.configuration(as: LanguageModelPlan.self), record = try run.corpus(as: CorpusRecord.self)
        var given = GivenOptions()
        given.add(model, besides: plan.model)
        given.add(windows, besides: plan, record)
        given.add(optimization, besides: plan)
        given.add(text, besides: record)
        given.add("--name", session.name, stored: run.name)
        try given.refuse(for: run.name)
        try MachineCheck.check(plan, store: store, isResumed: true, console: console)
        let opened = try store.open(.readWrite)
        console.status("Reading \((paths.isEmpty ? record.paths : paths).joined(separator: ", "))")
        let training = try LanguageModelTraining.resume(
            .named(run.name), paths: paths, options: optimization.resumeOptions, store: opened, in: context)
        let corpus = training.task.corpus
        for line in PlanDescription(plan: training.plan, corpus: corpus, context: context).lines { console.line(line) }
        try ForegroundTraining(at: store, isJSON: output.isJSON, console: console, signals: signals)
            .run(training, stopAfter: session.stopAfter, terms: TextTerms(corpus, resumedAt: paths))
    }
}
