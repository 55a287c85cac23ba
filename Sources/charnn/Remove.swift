import ArgumentParser
import Checkpoints
import CommandLineSupport
import LanguageModels

struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove runs with all their checkpoints.",
        discussion: """
            Asks first, and gives the space back.

            Examples:
              charnn remove verse-1 verse-2
              charnn remove latest --yes
            """)

    @Argument(help: ArgumentHelp("The runs; latest is the newest.", valueName: "run"))
    var names: [String]

    @Flag(name: [.customLong("yes"), .customShort("y")], help: "Do not ask.")
    var isConfirmed = false

    @OptionGroup var store: StoreArguments

    func run() throws {
        let console = Console()
        // Looks first without writing: a store that does not exist is not to be made.
        try store.open(.readOnly).close()
        let opened = try store.open(.readWrite)
        let removed = try RunRemoval.remove(
            names, kind: LanguageModel.runKind, from: opened, isConfirmed: isConfirmed, console: console)
        try opened.close()
        console.line(removed.isEmpty ? "Nothing was removed" : "Removed \(removed.joined(separator: ", "))")
    }
}
