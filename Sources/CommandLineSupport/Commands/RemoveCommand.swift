package import ArgumentParser
import Checkpoints

/// `remove`
package struct RemoveCommand<Program: ModelProgram>: ParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "remove",
            abstract: "Remove runs with all their checkpoints.",
            discussion: """
                Asks first, and gives the space back.

                Examples:
                  \(Program.name) remove first-1 first-2
                  \(Program.name) remove latest --yes
                """)
    }

    @Argument(help: ArgumentHelp("The runs; latest is the newest.", valueName: "run"))
    var names: [String]

    @Flag(name: [.customLong("yes"), .customShort("y")], help: "Do not ask.")
    var isConfirmed = false

    @OptionGroup var store: StoreArguments

    package init() {}

    package func run() throws {
        let console = Console()
        // Looks first without writing: a store that does not exist is not to be made.
        try store.open(.readOnly).close()
        let opened = try store.open(.readWrite)
        let removed = try RunRemoval.remove(
            names, kind: Program.runKind, from: opened, isConfirmed: isConfirmed, console: console)
        try opened.close()
        console.line(removed.isEmpty ? "Nothing was removed" : "Removed \(removed.joined(separator: ", "))")
    }
}
