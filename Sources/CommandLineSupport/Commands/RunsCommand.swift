package import ArgumentParser
import Checkpoints

/// `runs`
package struct RunsCommand<Program: ModelProgram>: ParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "runs",
            abstract: "List what has been trained, newest first.",
            discussion: """
                Examples:
                  \(Program.name) runs
                  \(Program.name) runs --json
                """)
    }

    @OptionGroup var store: StoreArguments
    @OptionGroup var output: JSONArguments

    package init() {}

    package func run() throws {
        let opened = try store.open(.readOnly)
        let runs = try opened.runs(kind: Program.runKind).map { try RunSummary($0, of: Program.self, in: opened) }
        try opened.close()
        guard !runs.isEmpty || output.isJSON else {
            throw StoreError.noRuns(path: store.path, kind: Program.runKind)
        }
        try output.print(RunSummary.table(runs).lines, json: .array(runs.map(\.json)))
    }
}
