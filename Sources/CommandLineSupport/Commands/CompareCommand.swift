package import ArgumentParser
import Checkpoints
import Foundation

/// `compare`
package struct CompareCommand<Program: ModelProgram>: ParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "compare",
            abstract: "Show two runs beside each other: what differs, and which is better.",
            discussion: """
                Examples:
                  \(Program.name) compare first-1 first-2
                  \(Program.name) compare first-1 latest -o compare.html
                """)
    }

    @Argument(help: ArgumentHelp("A run, or latest.", valueName: "run"))
    var first: String

    @Argument(help: ArgumentHelp("The other run.", valueName: "other-run"))
    var second: String

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write a page for a browser instead.", valueName: "file"),
        completion: .file(extensions: ["html"]))
    var output: String?

    @Flag(help: "Replace a file that is there.")
    var force = false

    @OptionGroup var store: StoreArguments
    @OptionGroup var json: JSONArguments

    package init() {}

    package func validate() throws {
        guard let output else { return }
        try PageFile.checkName(output)
        if json.isJSON { throw ValidationError("--json prints, --output writes a page: give one of them") }
    }

    package func run() throws {
        let opened = try store.open(.readOnly)
        let runs = try [first, second].map { try opened.run(RunSelection($0), kind: Program.runKind) }
        if let output { try PageFile.check(output, isReplaced: force, store: store.path) }
        let reports = try runs.map { try RunReport($0, of: Program.self, in: opened) }
        try opened.close()
        let comparison = RunComparison(first: reports[0], second: reports[1])
        if let output {
            try PageFile.write(comparison.page, to: output)
            return Console().line("Runs '\(runs[0].name)' and '\(runs[1].name)' are now on a page: \(output)")
        }
        try json.print(comparison.lines(columns: min(100, Terminal.width(1) ?? 80)), json: comparison.json)
    }
}
