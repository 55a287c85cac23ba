public import Checkpoints
public import Foundation

/// What a list of runs says about one of them.
public struct RunSummary: Sendable {
    public var run: Run
    /// Steps done at the last checkpoint.
    public var steps: Int
    /// Trainable numbers; nil if the run does not say.
    public var parameters: Int?
    /// The best loss on held-out data.
    public var bestValidation: Double?

    /// All runs of a kind, newest first.
    /// - Parameters:
    ///   - finalMetric: the name under which the final score is recorded; until then the best checkpoint's loss counts.
    ///   - parameters: reads the number of parameters out of a run's configuration.
    public static func all(
        in store: CheckpointStore, kind: String, finalMetric: String, parameters: (Run) -> Int?
    ) throws(StoreError) -> [RunSummary] {
        var summaries: [RunSummary] = []
        for run in try store.runs(kind: kind) {
            summaries.append(try RunSummary(run, in: store, finalMetric: finalMetric, parameters: parameters(run)))
        }
        return summaries
    }

    public init(_ run: Run, in store: CheckpointStore, finalMetric: String, parameters: Int?) throws(StoreError) {
        let checkpoints = try store.checkpoints(of: run.id)
        self.run = run
        self.parameters = parameters
        steps = checkpoints.last { $0.isLatest }?.step ?? 0
        bestValidation =
            try store.metrics(named: finalMetric, of: run.id).last?.value
            ?? checkpoints.first { $0.isBest }?.validationLoss
    }

    /// A table with a row for each run.
    public static func table(_ summaries: [RunSummary], now: Date = Date()) -> Table {
        var table = Table([
            ("RUN", .left), ("STATUS", .left), ("STEPS", .right), ("BEST VALIDATION", .right), ("PARAMETERS", .right),
            ("STARTED", .right),
        ])
        for summary in summaries {
            table.add([
                summary.run.name, summary.run.status.rawValue, NumberText.grouped(summary.steps),
                summary.bestValidation.map { NumberText.fixed($0, 4) } ?? "-",
                summary.parameters.map { NumberText.grouped($0) } ?? "?",
                TimeSpan(seconds: now.timeIntervalSince(summary.run.createdAt)).ago,
            ])
        }
        return table
    }

    public var json: JSONValue {
        [
            "run": .string(run.name), "status": .string(run.status.rawValue), "steps": .int(steps),
            "best_validation_nats": JSONValue(bestValidation), "parameters": JSONValue(parameters),
            "created_at": .string(run.createdAt.formatted(.iso8601)),
        ]
    }
}
