import ArgumentParser
import Autoencoders
import Checkpoints
import CommandLineSupport
import Images
import Kernels
import TensorCore
import TrainingRuns

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a model on a folder of pictures.",
        discussion: """
            Reads folders (with all that is in them), PNG and JPEG files of any size, IDX and NumPy arrays (.npy: \
            \(NumPyLayout.shapes)). The size they are seen at, the model, schedule and length follow from the pictures \
            unless you say otherwise, and are printed before training starts. Ctrl-C saves and stops; --resume goes on, \
            bit for bit as if nothing had happened.

            Examples:
              ae train pictures
              ae train photos --size 64x48 --code 128 --time-limit 10m --name holidays
              ae train digits.idx.gz --kind variational --code 20 --validation last:1000
              ae train pictures --architecture book --dry-run
              ae train --resume latest
              ae train photos --from pictures-1
            """)

    @Argument(help: "Folders, pictures or arrays to learn from.", completion: .file())
    var paths: [String] = []

    @OptionGroup(title: "Model") var model: OptionArguments<AutoencoderOptionTable, ModelSection>
    @OptionGroup(title: "Training") var training: OptionArguments<AutoencoderOptionTable, TrainingSection>
    @OptionGroup(title: "Pictures") var pictures: OptionArguments<AutoencoderOptionTable, DataSection>
    @OptionGroup var session: SessionArguments

    @Option(
        help: ArgumentHelp(
            "Start from the weights of another run.",
            discussion: "Sizes of model and pictures come from that run, and the learning rate is a third of the usual "
                + "one.",
            valueName: "run"))
    var from: String?

    @OptionGroup(title: "General") var compute: ComputeArguments
    @OptionGroup(title: "General") var store: StoreArguments
    @OptionGroup(title: "General") var output: JSONArguments

    var options: AutoencoderOptions { model.given.merging(training.given).merging(pictures.given) }

    func validate() throws {
        if paths.isEmpty, session.resume == nil {
            throw ValidationError("name pictures to learn from, for example: ae train pictures")
        }
        if session.resume != nil, from != nil { throw ValidationError("give --resume or --from, not both") }
        // Of which kind the model is that another run starts from is known when it is read.
        try (from == nil ? options : options.withoutUnnamedKind).validateArguments()
    }

    func run() throws {
        let command = try TrainingCommand(session, compute, store, output)
        if let name = session.resume { try goOn(name, command) } else { try start(command) }
    }

    private func start(_ command: TrainingCommand) throws {
        let options = options, context = command.context
        let source = try from.map { try self.model(of: $0, in: context) }
        let start = try source?.start(with: options)
        command.console.status("Looking through \(paths.joined(separator: ", "))")
        let loading = LoadingOptions(threads: context.workers.count, isStrict: options.isStrict ?? false)
        let selection = options.selection(paths, loading: loading)
        let found = try PreparedPictures.read(
            source?.selection(selection) ?? selection, in: context,
            components: { source?.codeSize ?? options.codeSize(for: $0) },
            willRead: { try AutoencoderPlan.plan(for: $0, options: options, startingFrom: start).checkMemory() },
            progress: { PictureProgress.show($0, of: $1, on: command.console) })
        guard let found else { throw ExitCode(Program.closedOutputStatus) }
        let plan = try AutoencoderPlan.plan(for: found.summary, options: options, startingFrom: start)
        try command.start(
            plan, memory: found.memory,
            report: {
                var report = PlanReport(plan, found, in: context)
                if let source {
                    report.lines.append(
                        "From      run '\(source.run.name)', step \(NumberText.grouped(source.step))")
                }
                return report
            },
            task: { AutoencoderTask($0, pictures: found, in: context) },
            training: {
                try AutoencoderTraining(
                    plan: plan, pictures: found, store: $0, name: session.name, startingFrom: source?.model,
                    in: context)
            }, terms: { PictureTerms($0) })
    }

    private func model(of run: String, in context: ComputeContext) throws -> SavedAutoencoder {
        let opened = try store.open(.readOnly)
        let saved = try SavedAutoencoder.load(RunSelection(run), from: opened, in: context)
        try opened.close()
        return saved
    }

    private func goOn(_ name: String, _ command: TrainingCommand) throws {
        try command.goOn(
            name, with: options, stored: StoredPictureRun.init,
            resume: { run, stored, store in
                let places = paths.isEmpty ? stored.pictures.paths : paths
                command.console.status("Looking through \(places.joined(separator: ", "))")
                return try AutoencoderTraining.resume(
                    run, paths: paths, heldOutPaths: options.heldOutPaths ?? [], options: options.resumeOptions,
                    loading: LoadingOptions(threads: command.context.workers.count), store: store, in: command.context,
                    progress: { PictureProgress.show($0, of: $1, on: command.console) })
            },
            report: { PlanReport($0.plan, $0.task.pictures, in: command.context) },
            terms: { PictureTerms($0, resumedAt: paths, heldOutAt: options.heldOutPaths ?? []) })
    }
}
