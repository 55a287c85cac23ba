import ArgumentParser
import Checkpoints
import CommandLineSupport
import LanguageModels

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show one run: what it is, how it learned, what it wrote.",
        discussion: """
            Examples:
              charnn show latest
              charnn show verse-1 --samples 5
              charnn show verse-1 --json
            """)

    @Argument(help: ArgumentHelp("The run, or latest.", valueName: "run"))
    var name: String

    @Option(help: ArgumentHelp("Whose weights the fingerprint is of: best or latest.", valueName: "which"))
    var checkpoint: CheckpointChoice = .best

    @Option(parsing: .unconditional, help: ArgumentHelp("Samples and events to show.", valueName: "count"))
    var samples: Int = 3

    @OptionGroup var store: StoreArguments
    @OptionGroup var output: JSONArguments

    func validate() throws {
        guard samples >= 0 else { throw ValidationError("--samples: must be 0 or more, not \(samples)") }
    }

    func run() throws {
        let opened = try store.open(.readOnly)
        let found = try opened.run(RunSelection(name), kind: LanguageModel.runKind)
        let report = try RunReport(found, in: opened, checkpoint: checkpoint.selection)
        try opened.close()
        let standardOutput = StandardOutput()
        if output.isJSON {
            try standardOutput.line(report.json.text)
        } else {
            let width = min(100, Terminal.width(1) ?? 80)
            for line in report.lines(columns: width, samples: samples) { try standardOutput.line(line) }
        }
        try standardOutput.flush()
    }
}
