import ArgumentParser
import Checkpoints
import CommandLineSupport
import LanguageModels
import TensorCore

/// `--run`, `--store`, `--threads`: which model to use, where it is, and with what.
struct RunArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The run whose model to use.", discussion: "Default: the newest with a best checkpoint.", valueName: "name")
    )
    var run: String?

    @Option(
        help: ArgumentHelp("Its best or its latest weights.", valueName: "which"))
    var checkpoint: CheckpointChoice = .best

    @OptionGroup var compute: ComputeArguments
    @OptionGroup var store: StoreArguments

    /// Opens the store only to read it, and closes it again.
    func load(in context: ComputeContext) throws -> SavedModel {
        let opened = try store.open(.readOnly)
        let saved = try SavedModel.load(RunSelection(run), checkpoint: checkpoint.selection, from: opened, in: context)
        try opened.close()
        return saved
    }
}
