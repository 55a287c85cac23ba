import ArgumentParser
import Checkpoints
import CommandLineSupport
import LanguageModels

struct Runs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what has been trained, newest first.",
        discussion: """
            Examples:
              charnn runs
              charnn runs --json
            """)

    @OptionGroup var store: StoreArguments
    @OptionGroup var output: JSONArguments

    func run() throws {
        let opened = try store.open(.readOnly)
        let runs = try RunSummary.all(in: opened)
        try opened.close()
        guard !runs.isEmpty || output.isJSON else {
            throw StoreError.noRuns(path: store.path, kind: LanguageModel.runKind)
        }
        let standardOutput = StandardOutput()
        if output.isJSON {
            try standardOutput.line(JSONValue.array(runs.map(\.json)).text)
        } else {
            for line in RunSummary.table(runs).lines { try standardOutput.line(line) }
        }
        try standardOutput.flush()
    }
}

extension RunSummary {
    /// The runs of this program.
    static func all(in store: CheckpointStore) throws(StoreError) -> [RunSummary] {
        try all(
            in: store, kind: LanguageModel.runKind, finalMetric: LanguageModel.bestValidationMetric,
            parameters: { try? $0.configuration(as: TrainingPlan.self).model.parameterCount })
    }
}
