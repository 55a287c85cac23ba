package import ArgumentParser
package import Checkpoints

/// `--run`, `--checkpoint`, `--threads`, `--store`: which model to use, where it is, and with what.
package struct RunArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The run whose model to use.", discussion: "Default: the newest with a best checkpoint.", valueName: "name")
    )
    package var run: String?

    @Option(
        help: ArgumentHelp("Its best or its latest weights.", valueName: "which"))
    package var checkpoint: CheckpointChoice = .best

    @OptionGroup package var compute: ComputeArguments
    @OptionGroup package var store: StoreArguments

    package init() {}

    /// Opens the store only to read it, and closes it again.
    /// - Throws: ``StoreError``, and what `load` throws.
    package func load<Model>(
        with load: (RunSelection, CheckpointSelection, CheckpointStore) throws -> Model
    ) throws -> Model {
        let opened = try store.open(.readOnly)
        let model = try load(RunSelection(run), checkpoint.selection, opened)
        try opened.close()
        return model
    }
}
