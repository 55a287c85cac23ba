import ArgumentParser
import Checkpoints
import CommandLineSupport
import LanguageModels

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy one run into a file of its own.",
        discussion: """
            The file is a store: use it with --store. Safe while the run is being trained.

            Examples:
              charnn export verse-1 verse.sqlite
              charnn export latest verse.sqlite --weights-only
              charnn sample --store verse.sqlite
            """)

    @Argument(help: ArgumentHelp("The run, or latest.", valueName: "run"))
    var name: String

    @Argument(help: "The file to make.", completion: .file())
    var file: String

    @Flag(name: .customLong("weights-only"), help: "Only what is needed to use the model, not to train it further.")
    var isWeightsOnly = false

    @Flag(help: "Replace a file that is there.")
    var force = false

    @OptionGroup var store: StoreArguments

    func run() throws {
        let opened = try store.open(.readOnly)
        let found = try opened.run(RunSelection(name), kind: LanguageModel.runKind)
        try opened.export(found.id, to: file, weightsOnly: isWeightsOnly, overwrite: force)
        try opened.close()
        let next = "charnn sample --store \(ShellText.quoted(file))"
        Console().line("Run '\(found.name)' is now in \(file). To use it: \(next)")
    }
}
