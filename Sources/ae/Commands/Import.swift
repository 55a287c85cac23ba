import ArgumentParser
import Autoencoders
import Checkpoints
import CommandLineSupport
import FileTrees
import Images
import PictureRunReports

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a run of a model that was trained elsewhere.",
        discussion: """
            A file in the safetensors format that ae has exported, or of a PyTorch module of the same structure, \
            whatever its layers are called, if the names of those behind the codes say decoder: on either side \
            convolutions of stride 2 and padding 1 (kernel 3; back ConvTranspose2d with a kernel of 4, or of 3 with \
            output_padding 1) with BatchNorm2d or without, ReLU, and one linear layer or two with ReLU between them; a \
            sigmoid at the end. The file does not say what its strides and activations are: that they are these is \
            taken for granted. The run then encodes, decodes and reconstructs; \
            `ae train pictures --from` it goes on from it.

            Examples:
              ae import first.safetensors
              ae import digits.safetensors --size 28x28 --name digits
            """)

    @Argument(help: "The file of weights.", completion: .file(extensions: ["safetensors"]))
    var file: String

    @Option(
        help: ArgumentHelp(
            "The size of its pictures.", discussion: "Files that ae exports say it themselves.", valueName: "WxH"))
    var size: String?

    @Option(help: ArgumentHelp("What the run is called (default: after the file).", valueName: "name"))
    var name: String?

    @OptionGroup var compute: ComputeArguments
    @OptionGroup var store: StoreArguments

    func run() throws {
        let model = try ImportedAutoencoder(
            path: file, size: size.map { try PictureSize(parsing: $0) }, in: compute.makeContext())
        let opened = try store.open(.readWrite)
        let run = try model.store(in: opened, as: name)
        try opened.close()
        let console = Console()
        console.line(
            "Imported run '\(run.name)': \(model.configuration.summary), pictures of \(model.configuration.format), "
                + "\(NumberText.grouped(model.configuration.parameterCount)) parameters")
        console.line("Next:     ae reconstruct pictures --run \(ShellText.quoted(run.name))\(store.argument)")
    }
}
