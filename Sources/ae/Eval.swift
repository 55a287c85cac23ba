import ArgumentParser
import Autoencoders
import CommandLineSupport
import Images
import Kernels
import TensorCore

struct Eval: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how well a trained model brings pictures back.",
        discussion: """
            The mean squared and the mean absolute error of a value, pixels in 0...1, beside the error of as many \
            principal components as the code has numbers, which were fitted to the run's training pictures. For \
            variational models also the negative evidence lower bound in nats an image and in bits a dimension.

            Examples:
              ae eval other-pictures
              ae eval --part validation --run digits-1 --json
            """)

    @Argument(help: "Folders, pictures or arrays to measure.", completion: .file())
    var paths: [String] = []

    @OptionGroup(title: "Model") var model: ModelArguments

    @Option(
        help: ArgumentHelp(
            "The run's own pictures: all, training or validation.",
            discussion: "Where they were, or where PATH says they are now.", valueName: "part"))
    var part: PicturePart?

    @Option(
        name: .customLong("held-out"), parsing: .singleValue,
        help: ArgumentHelp(
            "With --part: where the pictures are now that the run was told to hold out; may be repeated.",
            valueName: "path"), completion: .file())
    var heldOut: [String] = []

    @Flag(
        name: .customLong("strict"),
        help: "Fail if a file that may be a picture cannot be read, instead of leaving it out.")
    var isStrict = false

    @OptionGroup var output: JSONArguments

    func validate() throws {
        guard !paths.isEmpty || part != nil else {
            throw ValidationError("name pictures to measure, for example: ae eval other-pictures")
        }
        guard heldOut.isEmpty || part != nil else {
            throw ValidationError("--held-out: says where a run's own pictures are: give --part too")
        }
    }

    func run() throws {
        let console = Console()
        let context = try model.compute.makeContext()
        let saved = try model.load(in: context)
        let loading = LoadingOptions(threads: context.workers.count, isStrict: isStrict)
        let score: PictureScore
        if let part {
            score = try .measure(
                saved, part, at: paths, heldOutAt: heldOut, loading: loading, console: console, in: context)
        } else {
            score = try .measure(saved, paths, loading: loading, console: console, in: context)
        }
        console.clearProgress()
        try output.print(score.lines, json: score.json)
    }
}

/// Which of a run's own pictures.
enum PicturePart: String, CaseIterable, ExpressibleByArgument {
    case all, training, validation
}
