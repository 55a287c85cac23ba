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
            length follow from the text, and from --time-limit, unless you say otherwise, and are printed before \
            training starts. Ctrl-C saves and stops; --resume goes on, bit for bit as if nothing had happened.

            Examples:
              charnn train corpus.txt
              charnn train poems letters.txt.gz --time-limit 10m --name verse
              charnn train corpus.txt --stack lstm:256,gru:128 --dropout 0.3 --dry-run
              charnn train --resume latest
              charnn train letters.txt --from verse-1
            """)

    @Argument(help: "Files or folders to learn from; - is standard input.", completion: .file())
    var paths: [String] = []

    @OptionGroup(title: "Model") var model: OptionArguments<LanguageModelOptionTable, ModelSection>
    @OptionGroup(title: "Training") var training: OptionArguments<LanguageModelOptionTable, TrainingSection>
    @OptionGroup(title: "Text") var text: OptionArguments<LanguageModelOptionTable, DataSection>
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

    var options: LanguageModelOptions { model.given.merging(training.given).merging(text.given) }

    func validate() throws {
        if paths.isEmpty, session.resume == nil {
            throw ValidationError("name a text to learn from, for example: charnn train corpus.txt")
        }
        if session.resume != nil, options.isStrict != nil {
            throw ValidationError("--strict is for new runs: one that goes on knows its text by its fingerprint")
        }
        if session.resume != nil, from != nil { throw ValidationError("give --resume or --from, not both") }
        try options.validateArguments()
    }

    func run() throws {
        let command = try TrainingCommand(session, compute, store, output)
        if let name = session.resume { try goOn(name, command) } else { try start(command) }
    }

    private func start(_ command: TrainingCommand) throws {
        let options = options, context = command.context
        let start = try from.map { try self.model(of: $0, in: context) }
        try start?.check(options)
        let reading = options.readingOptions
        command.console.status("Reading \(paths.joined(separator: ", "))")
        let corpus = try PreparedCorpus.read(paths, reading: start?.reading(reading) ?? reading, options: options)
        let plan = try LanguageModelPlan.plan(for: corpus.summary, options: options, startingFrom: start)
        let transfer = start?.transfer(to: corpus.vocabulary, plan: plan, in: context)
        var unlimited = options
        unlimited.timeLimit = nil
        let usual = try LanguageModelPlan.plan(for: corpus.summary, options: unlimited, startingFrom: start)
        try command.start(
            plan, memory: corpus.memory,
            report: {
                var report = PlanReport(plan, corpus, in: context)
                if plan.model.stack != usual.model.stack {
                    report.lines.append(
                        "Size      for what can be learned in \(TimeSpan(seconds: plan.timeLimit ?? 0)); without a limit it is "
                            + LayerSpecification.text(usual.model.stack))
                }
                if let start, let transfer {
                    report.lines.append(line(of: start, transfer, unit: corpus.vocabulary.unit))
                }
                return report
            },
            task: { LanguageModelTask($0, corpus: corpus, in: context) },
            training: {
                try LanguageModelTraining(
                    plan: plan, corpus: corpus, store: $0, name: session.name, weights: transfer?.weights, in: context)
            }, terms: { TextTerms($0.task.corpus) })
    }

    private func model(of run: String, in context: ComputeContext) throws -> LanguageModelStart {
        let opened = try store.open(.readOnly)
        let start = LanguageModelStart(
            try SavedLanguageModel.load(RunSelection(run), from: opened, in: context))
        try opened.close()
        return start
    }

    private func line(of start: LanguageModelStart, _ transfer: FineTuning.Transfer, unit: TextUnit) -> String {
        func count(_ number: Int) -> String { "\(NumberText.grouped(number)) \(unit.name(count: number))" }
        return "From      run '\(start.run)', step \(NumberText.grouped(start.step)); "
            + "\(count(transfer.newUnits)) new to it, \(count(transfer.lostUnits)) of its own not in this text"
    }

    private func goOn(_ name: String, _ command: TrainingCommand) throws {
        try command.goOn(
            name, with: options, stored: StoredTextRun.init,
            resume: { run, stored, store in
                let sources = paths.isEmpty ? stored.corpus.paths : paths
                command.console.status("Reading \(sources.joined(separator: ", "))")
                return try LanguageModelTraining.resume(
                    .named(run.name), paths: paths, options: options.resumeOptions, store: store, in: command.context)
            },
            report: { PlanReport($0.plan, $0.task.corpus, in: command.context) },
            terms: { TextTerms($0.task.corpus, resumedAt: paths) })
    }
}
