import Checkpoints
import CommandLineSupport
import Foundation
import LanguageModels
import TensorCore
import TextCorpora
import Training

/// Everything a store knows of a run.
struct RunReport {
    let summary: RunSummary
    let plan: TrainingPlan
    let corpus: CorpusRecord
    let checkpoints: [CheckpointSummary]
    let metrics: [Metric]
    let samples: [Checkpoints.Sample]
    let events: [Event]
    /// Nil if the run has saved nothing yet.
    let weights: (step: Int, sha256: String)?
    /// The command that makes the run again; nil if no single one does.
    let command: String?

    init(_ run: Run, in store: CheckpointStore, checkpoint: CheckpointSelection) throws {
        plan = try run.configuration(as: TrainingPlan.self)
        corpus = try run.corpus(as: CorpusRecord.self)
        summary = try RunSummary(
            run, in: store, finalMetric: LanguageModel.bestValidationMetric, parameters: plan.model.parameterCount)
        checkpoints = try store.checkpoints(of: run.id)
        metrics = try store.metrics(of: run.id)
        samples = try store.samples(of: run.id)
        events = try store.events(of: run.id)
        weights = try Self.weights(of: run, in: store, checkpoint, has: checkpoints)
        command = Self.command(plan, corpus, summary, events)
    }

    /// A run that was given other steps on the way has followed two schedules, unless its schedule does not ask.
    private static func command(
        _ plan: TrainingPlan, _ corpus: CorpusRecord, _ summary: RunSummary, _ events: [Event]
    ) -> String? {
        let hasChanged = events.contains { $0.kind == TrainingSession.stepsChangedEvent }
        guard !hasChanged || [.constant, .plateau].contains(plan.schedule) else { return nil }
        let wasCut = summary.run.status != .finished && summary.steps > 0 && summary.steps < plan.steps
        return ReproducingCommand(plan: plan, corpus: corpus, stopAfter: wasCut ? summary.steps : nil).text
    }

    private static func weights(
        of run: Run, in store: CheckpointStore, _ selection: CheckpointSelection, has checkpoints: [CheckpointSummary]
    ) throws -> (step: Int, sha256: String)? {
        guard !checkpoints.isEmpty else { return nil }
        // A run that was never validated has no best checkpoint.
        let wanted = checkpoints.contains(where: \.isBest) ? selection : .latest
        let stored = try store.loadCheckpoint(wanted, of: run.id, sections: [.parameter])
        return (stored.step, weightsSHA256(of: stored.sections[.parameter] ?? NamedTensors()))
    }

    private func metric(_ name: String) -> [Metric] { metrics.filter { $0.name == name } }

    private var bestStep: Int? { checkpoints.first { $0.isBest }?.step }

    /// Seconds of training up to the last record.
    private var seconds: Double? { metrics.map(\.seconds).max() }

    // MARK: For people

    func lines(columns: Int, samples shown: Int) -> [String] {
        header + curve(columns: columns) + sampleLines(shown) + eventLines(shown)
    }

    private var header: [String] {
        let model = plan.model
        let stack = model.stack.map(\.description).joined(separator: ",")
        var status = "\(summary.run.status.rawValue), \(NumberText.grouped(summary.steps)) of "
        status += "\(NumberText.count(plan.steps, "step"))"
        status += seconds.map { ", \(TimeSpan(seconds: $0))" } ?? ""
        var lines = [
            "Run         \(summary.run.name)",
            "Started     \(summary.run.createdAt.formatted(.iso8601))",
            "Status      \(status)",
            "Text        \(corpus.paths.joined(separator: " ")): \(NumberText.grouped(corpus.count)) "
                + "\(corpus.unit.name(count: corpus.count)), \(corpus.vocabulary.count) classes",
            "Model       embedding \(model.embedding), \(stack), dropout \(NumberText.exact(model.dropout)): "
                + "\(NumberText.grouped(model.parameterCount)) parameters",
            "Training    \(plan.lanes) lanes × window \(plan.window), \(plan.optimizer.kind.rawValue), learning rate "
                + "\(NumberText.exact(plan.learningRate)), \(plan.schedule.rawValue), seed \(plan.seed)",
        ]
        if let start = plan.startedFrom {
            lines.append("From        run '\(start.run)', step \(NumberText.grouped(start.step))")
        }
        if let best = summary.bestValidation {
            let step = bestStep.map { ", at step \(NumberText.grouped($0))" } ?? ""
            lines.append("Best        \(NumberText.fixed(best, 4)) nats per \(corpus.unit.name(count: 1))\(step)")
        }
        if let weights {
            lines.append("Weights     step \(NumberText.grouped(weights.step)), SHA-256 \(weights.sha256)")
        }
        lines.append("Again with  \(command ?? "no single command: it was given other steps on the way")")
        return lines
    }

    private func curve(columns: Int) -> [String] {
        func points(_ name: String) -> [(x: Double, y: Double)] {
            metric(name).map { (Double($0.step), $0.value) }
        }
        let chart = LineChart(
            [
                .init("validation loss", points: points("validation_loss")),
                .init("training loss", points: points("training_loss"), isDotted: true),
            ], columns: columns - 2)
        return chart.lines.isEmpty ? [] : [""] + chart.lines
    }

    private func sampleLines(_ shown: Int) -> [String] {
        samples.suffix(shown).flatMap { sample in
            ["", "Sample at step \(NumberText.grouped(sample.step)):"]
                + Terminal.harmless(sample.text).split(separator: "\n").map { "  | \($0)" }
        }
    }

    private func eventLines(_ shown: Int) -> [String] {
        let last = events.suffix(max(shown, 1) * 3)
        return last.isEmpty || shown == 0
            ? []
            : ["", "Events:"]
                + last.map { event in
                    let step = event.step.map { "step \(NumberText.grouped($0))  " } ?? ""
                    return "  \(event.time.formatted(.iso8601))  \(step)\(event.kind): \(event.message)"
                }
    }

    // MARK: For programs

    var json: JSONValue {
        let start = plan.startedFrom
        return [
            "run": .string(summary.run.name), "status": .string(summary.run.status.rawValue),
            "created_at": .string(summary.run.createdAt.formatted(.iso8601)),
            "steps": .int(summary.steps), "planned_steps": .int(plan.steps), "seconds": JSONValue(seconds),
            "parameters": JSONValue(summary.parameters), "best_validation_nats": JSONValue(summary.bestValidation),
            "best_step": JSONValue(bestStep), "weights_sha256": JSONValue(weights?.sha256),
            "weights_step": JSONValue(weights?.step), "command": JSONValue(command),
            "configuration": Self.decoded(summary.run.configuration),
            "started_from": start.map { ["run": .string($0.run), "step": .int($0.step)] } ?? .null,
            "text": [
                "paths": .array(corpus.paths.map(JSONValue.string)), "units": .int(corpus.count),
                "unit": .string(corpus.unit.rawValue), "sha256": .string(corpus.fingerprint),
                "classes": .int(corpus.vocabulary.count), "training_units": .int(corpus.split.training.count),
                "validation_units": .int(corpus.split.validation.count), "test_units": .int(corpus.split.test.count),
            ],
            "metrics": .array(
                metrics.map { metric in
                    [
                        "name": .string(metric.name), "step": .int(metric.step), "epoch": .number(metric.epoch),
                        "value": .number(metric.value), "seconds": .number(metric.seconds),
                    ]
                }),
            "samples": .array(
                samples.map { sample in
                    [
                        "step": .int(sample.step), "temperature": .number(sample.temperature),
                        "text": .string(sample.text),
                    ]
                }),
            "events": .array(
                events.map { event in
                    [
                        "time": .string(event.time.formatted(.iso8601)), "step": JSONValue(event.step),
                        "kind": .string(event.kind), "message": .string(event.message),
                    ]
                }),
        ]
    }

    private static func decoded(_ data: Data) -> JSONValue {
        (try? JSONDecoder().decode(JSONValue.self, from: data)) ?? .null
    }
}
