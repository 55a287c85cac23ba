import ArgumentParser
import Checkpoints
import CommandLineSupport
import FileTrees
import LanguageModels
import TensorCore
import TextCorpora

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a run of a model that was trained elsewhere.",
        discussion: """
            A file in the safetensors format with an embedding (or none), nn.LSTM, nn.GRU or nn.RNN of PyTorch, and a \
            linear layer to the units, whatever they are called. The run then writes and scores; train a text --from it to \
            go on.

            Examples:
              charnn import first.safetensors
              charnn import poet.safetensors --vocabulary vocabulary.json --name poet
            """)

    @Argument(help: "The file of weights.", completion: .file(extensions: ["safetensors"]))
    var file: String

    @Option(
        help: ArgumentHelp(
            "The units of the model in the order of their ids.",
            discussion: """
                JSON: a list of units, ids by unit, or units by id. Anything else is the text that the model was trained \
                on, whose sorted characters they are. Files that charnn exports bring their own.
                """, valueName: "file"), completion: .file())
    var vocabulary: String?

    @Option(help: ArgumentHelp("What the run is called (default: after the file).", valueName: "name"))
    var name: String?

    @OptionGroup var store: StoreArguments

    func run() throws {
        let model = try ImportedLanguageModel(
            path: file, vocabulary: vocabulary.map { try ForeignVocabulary(path: $0) })
        let opened = try store.open(.readWrite)
        let run = try model.store(in: opened, as: name)
        try opened.close()
        let stack = model.configuration.stack.map(\.description).joined(separator: ",")
        let console = Console()
        console.line(
            "Imported run '\(run.name)': reads \(model.vocabulary.unit.name(count: 2)), "
                + "\(NumberText.grouped(model.configuration.classes)) classes, "
                + "embedding \(model.configuration.embedding), \(stack), "
                + "\(NumberText.grouped(model.configuration.parameterCount)) parameters")
        console.line("Next:     charnn sample --run \(ShellText.quoted(run.name))\(store.argument)")
    }
}
