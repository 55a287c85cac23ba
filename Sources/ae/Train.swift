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
            """)

    @Argument(help: "Folders, pictures or arrays to learn from.", completion: .file())
    var paths: [String] = []

    @OptionGroup(title: "Model") var network: NetworkArguments
    @OptionGroup(title: "Training") var batches: BatchArguments
    @OptionGroup(title: "Training") var optimization: OptimizationArguments
    @OptionGroup(title: "Pictures") var pictures: PictureArguments
    @OptionGroup var session: SessionArguments
    @OptionGroup(title: "General") var compute: ComputeArguments
    @OptionGroup(title: "General") var store: StoreArguments
    @OptionGroup(title: "General") var output: JSONArguments

    func validate() throws {
        if paths.isEmpty, session.resume == nil {
            throw ValidationError("name pictures to learn from, for example: ae train pictures")
        }
        do {
            try AutoencoderOptions(network, batches, optimization).validate()
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

    private func start(console: Console, signals: SignalWatch, context: ComputeContext) throws {
        let options = try AutoencoderOptions(network, batches, optimization)
        console.status("Looking through \(paths.joined(separator: ", "))")
        let found = try PreparedPictures.read(
            pictures.selection(paths, in: context), in: context, components: options.codeSize(for:),
            willRead: { try AutoencoderPlan.plan(for: $0, options: options).checkMemory() },
            progress: { PictureProgress.show($0, of: $1, on: console) })
        guard let found else { throw ExitCode(Program.closedOutputStatus) }
        let plan = try AutoencoderPlan.plan(for: found.summary, options: options)
        try MachineCheck.check(plan, data: found.memory, store: store, console: console)
        let description = PlanDescription(plan: plan, pictures: found, context: context)
        if session.isDryRun {
            return try description.dryRun.run(
                AutoencoderTask(plan, pictures: found, in: context), plan: plan, isJSON: output.isJSON,
                console: console, in: context)
        }
        for line in description.lines { console.line(line) }
        let opened = try store.open(.readWrite)
        let training = try AutoencoderTraining(
            plan: plan, pictures: found, store: opened, name: session.name, in: context)
        try ForegroundTraining(at: store, isJSON: output.isJSON, console: console, signals: signals)
            .run(training, stopAfter: session.stopAfter, terms: PictureTerms(training))
    }

    private func goOn(
        with name: String, console: Console, signals: SignalWatch, context: ComputeContext
    ) throws {
        let run = try store.run(RunSelection(name), kind: AutoencoderTask.runKind)
        let plan = try run.configuration(as: AutoencoderPlan.self), record = try run.corpus(as: PictureRecord.self)
        var given = GivenOptions()
        given.add(network, besides: plan)
        given.add(batches, besides: plan)
        given.add(optimization, besides: plan)
        given.add(pictures, besides: plan, record)
        given.add("--name", session.name, stored: run.name)
        try given.refuse(for: run.name)
        try MachineCheck.check(plan, store: store, isResumed: true, console: console)
        let opened = try store.open(.readWrite)
        console.status("Looking through \((paths.isEmpty ? record.paths : paths).joined(separator: ", "))")
        let training = try AutoencoderTraining.resume(
            run, paths: paths, options: optimization.resumeOptions,
            loading: LoadingOptions(threads: context.workers.count), store: opened, in: context,
            progress: { PictureProgress.show($0, of: $1, on: console) })
        let description = PlanDescription(plan: training.plan, pictures: training.task.pictures, context: context)
        for line in description.lines { console.line(line) }
        try ForegroundTraining(at: store, isJSON: output.isJSON, console: console, signals: signals)
            .run(training, stopAfter: session.stopAfter, terms: PictureTerms(training, resumedAt: paths))
    }
}
