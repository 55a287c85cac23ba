import ArgumentParser
import Autoencoders
import CommandLineSupport
import Images
import TensorCore

struct Interpolate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Walk from one picture to another through the space of codes.",
        discussion: """
            The first step is the reconstruction of A, the last that of B. The way is straight, and along an arc for a \
            variational model, whose codes lie near a sphere. A picture of an array is named by its number: digits.idx#12.

            Examples:
              ae interpolate anna.png ben.png
              ae interpolate pictures/1.png pictures/2.png --steps 24 -o walk.png
              ae interpolate t10k-images-idx3-ubyte.gz#0 t10k-images-idx3-ubyte.gz#7 -o frames
            """)

    @Argument(help: ArgumentHelp("The picture to begin with.", valueName: "A"), completion: .file())
    var start: String

    @Argument(help: ArgumentHelp("The picture to end with.", valueName: "B"), completion: .file())
    var end: String

    @OptionGroup(title: "Model") var model: ModelArguments

    @Option(parsing: .unconditional, help: ArgumentHelp("Pictures on the way, both ends counted.", valueName: "count"))
    var steps: Int = 10

    @Option(help: ArgumentHelp("The way (default: spherical for a variational model, else linear).", valueName: "kind"))
    var path: Interpolation?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("A sheet, a .png, or a folder for single pictures.", valueName: "file"),
        completion: .file())
    var output: String = "interpolation.png"

    @OptionGroup var overwrite: OverwriteArguments

    /// A longer row would not fit a screen.
    private static let longestRow = 16

    func validate() throws {
        guard (2...10_000).contains(steps) else {
            throw ValidationError("--steps: must be from 2 to 10000, not \(steps)")
        }
    }

    func run() throws {
        let use = try ModelUse(model, overwrite), saved = use.saved
        let way = path ?? (saved.plan.model.kind.isVariational ? .spherical : .linear)
        let writing = use.output("interpolate", "\(way.rawValue) from \(start) to \(end)")
        let target = try SheetOrFolder(
            output, writing, names: OutputFolder.files(for: (0..<steps).map { "step-\($0)" }),
            columns: steps <= Self.longestRow ? steps : nil)
        let walk = try CodeWalk(
            from: try use.picture(start), to: try use.picture(end), with: saved, in: use.context)
        let older = try target.write(walk.pictures(way, count: steps, in: use.context))
        use.console.line("Wrote \(NumberText.count(steps, "step")), \(way.rawValue), to \(output)\(older)")
    }
}
