package import ArgumentParser
import Checkpoints

/// `export`
package struct ExportCommand<Program: ModelProgram>: ParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "export",
            abstract: "Copy one run into a file of its own.",
            discussion: """
                The file is a store: use it with --store. Safe while the run is being trained.

                Examples:
                  \(Program.name) export first-1 first.sqlite
                  \(Program.name) export latest first.sqlite --weights-only
                """)
    }

    @Argument(help: ArgumentHelp("The run, or latest.", valueName: "run"))
    var name: String

    @Argument(help: "The file to make.", completion: .file())
    var file: String

    @Flag(name: .customLong("weights-only"), help: "Only what is needed to use the model, not to train it further.")
    var isWeightsOnly = false

    @Flag(help: "Replace a file that is there.")
    var force = false

    @OptionGroup var store: StoreArguments

    package init() {}

    package func run() throws {
        let opened = try store.open(.readOnly)
        let found = try opened.run(RunSelection(name), kind: Program.runKind)
        try opened.export(found.id, to: file, weightsOnly: isWeightsOnly, overwrite: force)
        try opened.close()
        let next = "\(Program.name) \(Program.use) --store \(ShellText.quoted(file))"
        Console().line("Run '\(found.name)' is now in \(file). To use it: \(next)")
    }
}
