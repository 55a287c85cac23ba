public import ArgumentParser
public import Checkpoints

/// `--run`, `--checkpoint`, `--threads`, `--store`: which model to use, where it is, and with what.
public struct RunArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The run whose model to use.", discussion: "Default: the newest with a best checkpoint.", valueName: "name")
    )
    public var run: String?

    @Option(
        help: ArgumentHelp("Its best or its latest weights.", valueName: "which"))
    public var checkpoint: CheckpointChoice = .best

    @OptionGroup public var compute: ComputeArguments
    @OptionGroup public var store: StoreArguments

    public init() {}

    /// Opens the store only to read it, and closes it again.
    /// - Throws: ``StoreError``, and what `load` throws.
    public func load<Model>(
        with load: (RunSelection, CheckpointSelection, CheckpointStore) throws -> Model
    ) throws -> Model {
        let opened = try store.open(.readOnly)
        let model = try load(RunSelection(run), checkpoint.selection, opened)
        try opened.close()
        return model
    }
}
