package import Checkpoints
package import Foundation
import TrainingRuns

/// What a list of runs says about one of them.
package struct RunSummary: Sendable {
    package var run: Run
    package var state: RunState
    /// Steps done at the last checkpoint; of a finished run all that were done, also where a copy of it holds the weights
    /// of an earlier step alone.
    package var steps: Int
    /// Trainable numbers; nil if the run does not say.
    package var parameters: Int?
    /// The best loss on held-out data.
    package var bestValidation: Double?

    private let finalMetric: String
    private let scoreDecimals: Int

    package init(_ run: Run, of program: (some ModelProgram).Type, in store: CheckpointStore) throws(StoreError) {
        let checkpoints = try store.checkpoints(of: run.id)
        self.run = run
        state = try store.state(of: run)
        finalMetric = program.finalMetric
        scoreDecimals = program.scoreDecimals
        parameters = program.parameters(of: run)
        let saved = checkpoints.last { $0.isLatest }?.step ?? 0
        steps = run.status == .finished ? max(saved, try store.lastStep(of: run.id) ?? 0) : saved
        bestValidation =
            try store.metrics(named: finalMetric, of: run.id).last?.value
            ?? checkpoints.first { $0.isBest }?.validationLoss
    }

    /// For people: "finished", "killed at step 1,200".
    package var status: String {
        state == .killed ? "killed at step \(NumberText.grouped(steps))" : state.word
    }

    /// A table with a row for each run.
    package static func table(_ summaries: [RunSummary], now: Date = Date()) -> Table {
        var table = Table([
            ("RUN", .left), ("STATUS", .left), ("STEPS", .right), ("BEST VALIDATION", .right), ("PARAMETERS", .right),
            ("STARTED", .right),
        ])
        for summary in summaries {
            table.add([
                summary.run.name, summary.status, NumberText.grouped(summary.steps),
                summary.bestValidation.map { NumberText.fixed($0, summary.scoreDecimals) } ?? "-",
                summary.parameters.map { NumberText.grouped($0) } ?? "?",
                TimeSpan(seconds: now.timeIntervalSince(summary.run.createdAt)).ago,
            ])
        }
        return table
    }

    package var json: JSONValue {
        var owner = JSONValue.null
        if case .running(let found) = state {
            owner = [
                "host": .string(found.host), "process": .int(Int(found.process)),
                "since": .string(found.since.formatted(.iso8601)),
            ]
        }
        return [
            "run": .string(run.name), "status": .string(state.word), "steps": .int(steps),
            finalMetric: JSONValue(bestValidation), "parameters": JSONValue(parameters),
            "created_at": .string(run.createdAt.formatted(.iso8601)), "owner": owner,
        ]
    }
}
