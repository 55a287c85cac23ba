package import ArgumentParser
import Checkpoints
import Foundation
import PageParts

/// `report`
package struct ReportCommand<Program: ModelProgram>: ParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "report",
            abstract: "Write a page about one run, for a browser.",
            discussion: """
                One file that needs nothing else: curves, \(Program.pageContents), options, events, and the command that \
                makes the run again. Safe while the run is being trained; the page shows how far it was.

                Examples:
                  \(Program.name) report latest
                  \(Program.name) report first-1 -o first.html
                """)
    }

    @Argument(help: ArgumentHelp("The run, or latest.", valueName: "run"))
    var name: String

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The page to make.", valueName: "file"),
        completion: .file(extensions: ["html"]))
    var output: String = "report.html"

    @Flag(help: "Replace a file that is there.")
    var force = false

    @OptionGroup var compute: ComputeArguments
    @OptionGroup var store: StoreArguments

    package init() {}

    package func validate() throws { try PageFile.checkName(output) }

    package func run() throws {
        let opened = try store.open(.readOnly)
        let found = try opened.run(RunSelection(name), kind: Program.runKind)
        try PageFile.check(output, isReplaced: force, store: store.path)
        let report = try RunReport(found, of: Program.self, in: opened)
        let figures =
            report.record.damage == nil
            ? try Program.figures(of: report.record, from: opened, in: compute.makeContext()) : []
        try opened.close()
        let maker = "\(Program.name) \(Program.version)"
        let page = RunPage(report: report, figures: figures, maker: maker).page
        try PageFile.write(page, to: output)
        Console().line("Run '\(found.name)' is now a page: \(output), \(NumberText.bytes(page.text.utf8.count))")
        // All else is written first: it may be what is left of the run.
        if let damage = report.record.damage { throw damage }
    }
}
