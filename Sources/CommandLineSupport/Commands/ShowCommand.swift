package import ArgumentParser
package import Checkpoints

/// `show`
package struct ShowCommand<Program: ModelProgram>: ParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "show",
            abstract: "Show one run: what it is, how it learned, what happened.",
            discussion: """
                Examples:
                  \(Program.name) show latest
                  \(Program.name) show first-1 --json
                """)
    }

    @Argument(help: ArgumentHelp("The run, or latest.", valueName: "run"))
    var name: String

    @Option(help: ArgumentHelp("Whose weights the fingerprint is of: best or latest.", valueName: "which"))
    var checkpoint: CheckpointChoice = .best

    @Option(parsing: .unconditional, help: ArgumentHelp("Samples and events to show.", valueName: "count"))
    var samples: Int = 3

    @OptionGroup var store: StoreArguments
    @OptionGroup var output: JSONArguments

    package init() {}

    package func validate() throws {
        guard samples >= 0 else { throw ValidationError("--samples: must be 0 or more, not \(samples)") }
    }

    package func run() throws {
        let opened = try store.open(.readOnly)
        let found = try opened.run(RunSelection(name), kind: Program.runKind)
        let record = try RunRecord(found, of: Program.self, in: opened, checkpoint: checkpoint.selection)
        let report = RunReport(record: record, details: try Program.details(of: found, record))
        try opened.close()
        let width = min(100, Terminal.width(1) ?? 80)
        try output.print(report.lines(columns: width, samples: samples), json: report.json)
        // All else is shown first: it may be what is left of the run.
        if let damage = record.damage { throw damage }
    }
}

package enum CheckpointChoice: String, CaseIterable, ExpressibleByArgument {
    case best, latest

    package var selection: CheckpointSelection { self == .best ? .best : .latest }
}
