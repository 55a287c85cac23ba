package import ArgumentParser
package import Checkpoints
import FileTrees

/// `--store`.
package struct StoreArguments: ParsableArguments {
    @Option(
        name: .customLong("store"),
        help: ArgumentHelp(
            "The file that holds trained models.",
            discussion: "Default: \(StorePath.environmentVariable), else \(StorePath.standard).", valueName: "file"),
        completion: .file())
    package var store: String?

    package init() {}

    package var path: String {
        let name = StorePath.environmentVariable
        return StorePath.resolve(
            option: store, environment: Program.environment(name).map { [name: $0] } ?? [:])
    }

    /// What to add to a command that the user is to type, so that it finds the same store.
    package var argument: String {
        store.map { " --store \(ShellText.quoted($0))" } ?? ""
    }

    /// The run that is meant, looked up without writing: a store that does not exist is not to be made.
    /// - Throws: ``StoreError``
    package func run(_ selection: RunSelection, kind: String) throws(StoreError) -> Run {
        let opened = try open(.readOnly)
        let run = try opened.run(selection, kind: kind)
        try opened.close()
        return run
    }

    /// - Throws: ``StoreError``
    package func open(_ access: CheckpointStore.Access) throws(StoreError) -> CheckpointStore {
        try CheckpointStore.open(at: path, access: access)
    }
}

/// `--json`.
package struct JSONArguments: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON on standard output.")
    package var isJSON = false

    package init() {}

    /// Prints a result in the form that was asked for.
    package func print(_ lines: [String], json: JSONValue) throws(OutputError) {
        let output = StandardOutput()
        if isJSON {
            try output.json(json)
        } else {
            for line in lines { try output.line(line) }
        }
        try output.flush()
    }
}
