package import ArgumentParser
import Checkpoints
import FileTrees

/// `repair`
package struct RepairCommand<Program: ModelProgram>: ParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "repair",
            abstract: "Make a new store of what can be read of a damaged one.",
            discussion: """
                Checks every row, and says what is lost. The damaged store is left as it is. Runs of charnn and of ae \
                are both saved, and the texts that people keep.

                Examples:
                  \(Program.name) repair
                  \(Program.name) repair damaged.sqlite --output saved.sqlite
                """)
    }

    @Argument(
        help: ArgumentHelp(
            "The damaged store.", discussion: "Default: what --store or \(StorePath.environmentVariable) says.",
            valueName: "file"), completion: .file())
    var file: String?

    @Option(
        help: ArgumentHelp(
            "The store to make.", discussion: "Default: beside the damaged one, with -repaired in its name.",
            valueName: "file"), completion: .file())
    var output: String?

    @OptionGroup var store: StoreArguments

    package init() {}

    package func run() throws {
        let damaged = file ?? store.path, destination = output ?? Self.repairedName(damaged)
        let console = Console()
        let report = try CheckpointStore.repair(damaged, into: destination)
        let standardOutput = StandardOutput()
        for run in report.runs {
            let steps = run.steps.map(NumberText.grouped).joined(separator: ", ")
            try standardOutput.line(
                "Saved \(run.kind) run '\(run.name)'" + (steps.isEmpty ? ", without a checkpoint" : ": step \(steps)"))
        }
        if report.texts > 0 {
            try standardOutput.line("Saved \(NumberText.count(report.texts, "text"))")
        }
        for loss in report.losses { try standardOutput.line("Lost  \(loss)") }
        try standardOutput.flush()
        console.line(
            report.losses.isEmpty
                ? "Nothing was lost: \(destination) holds all that \(damaged) does"
                : "\(destination) holds what could be read; \(damaged) was left as it is")
        console.line("To use it: \(Program.name) runs --store \(ShellText.quoted(destination))")
    }

    /// `jacquard-repaired.sqlite` for `jacquard.sqlite`.
    private static func repairedName(_ path: String) -> String {
        let place = RawPath(path), name = place.lastComponent, end = place.stem.endIndex
        return RawPath(bytes: place.bytes[..<end] + Array("-repaired".utf8) + name[end...]).text
    }
}
