package import Checkpoints
import Foundation
import TrainingRuns

/// What `show` says of a run.
package struct RunReport {
    let record: RunRecord
    let details: RunDetails

    init(record: RunRecord, details: RunDetails) { (self.record, self.details) = (record, details) }

    package init(_ run: Run, of program: (some ModelProgram).Type, in store: CheckpointStore) throws {
        record = try RunRecord(run, of: program, in: store, checkpoint: .best)
        details = try program.details(of: run, record)
    }

    /// A measure by step.
    func points(_ name: String) -> [(x: Double, y: Double)] {
        record.metrics.filter { $0.name == name }.map { (Double($0.step), $0.value) }
    }

    /// The point of the validation curve with the best weights.
    var bestPoint: (x: Double, y: Double)? {
        record.bestStep.flatMap { step in points("validation_loss").last { $0.x == Double(step) } }
    }

    static let againLabel = "Again with"

    // MARK: For people

    package func lines(columns: Int, samples shown: Int) -> [String] {
        header + curve(columns: columns) + sampleLines(shown) + eventLines(shown)
    }

    /// "finished, 400 of 400 steps, 12 s"
    var status: String {
        let summary = record.summary
        var status = summary.status
        if case .running(let owner) = summary.state { status += " (\(owner))" }
        status += summary.state == .killed ? " of " : ", \(NumberText.grouped(summary.steps)) of "
        status += "\(NumberText.count(details.plannedSteps, "step"))"
        return status + (record.seconds.map { ", \(TimeSpan(seconds: $0))" } ?? "")
    }

    /// The best score and its step, if there is one.
    private var best: String? {
        record.summary.bestValidation.map { best in
            details.loss(best) + (record.bestStep.map { ", at step \(NumberText.grouped($0))" } ?? "")
        }
    }

    /// How it went, in a sentence.
    var standing: String { status + (best.map { ". Best: \($0)" } ?? ". Never validated") + "." }

    /// What it is, a label and a text in each.
    var rows: [(label: String, text: String)] {
        let summary = record.summary
        var rows = [
            ("Run", summary.run.name), ("Started", summary.run.createdAt.formatted(.iso8601)), ("Status", status),
        ]
        rows += details.lines
        if let best { rows.append(("Best", best)) }
        if let weights = record.weights {
            rows.append(("Weights", "step \(NumberText.grouped(weights.step)), SHA-256 \(weights.sha256)"))
        } else if record.damage != nil {
            rows.append(("Weights", "damaged"))
        }
        rows.append((Self.againLabel, details.command ?? record.noCommand))
        return rows
    }

    private var header: [String] {
        rows.map { "\($0.label.padding(toLength: 12, withPad: " ", startingAt: 0))\($0.text)" }
    }

    private func curve(columns: Int) -> [String] {
        let chart = LineChart(
            [
                .init("validation loss", points: points("validation_loss")),
                .init("training loss", points: points("training_loss"), isDotted: true),
            ], columns: columns - 2)
        return chart.lines.isEmpty ? [] : [""] + chart.lines
    }

    private func sampleLines(_ shown: Int) -> [String] {
        record.samples.suffix(shown).flatMap { sample in
            ["", "Sample at step \(NumberText.grouped(sample.step)):"]
                + sample.text.unicodeScalars.split(separator: "\n").map { "  | " + String($0) }
        }
    }

    private func eventLines(_ shown: Int) -> [String] {
        let last = record.events.suffix(max(shown, 1) * 3)
        return last.isEmpty || shown == 0
            ? []
            : ["", "Events:"]
                + last.map { event in
                    let step = event.step.map { "step \(NumberText.grouped($0))  " } ?? ""
                    return "  \(event.time.formatted(.iso8601))  \(step)\(event.kind): \(event.message)"
                }
    }

    // MARK: For programs

    package var json: JSONValue {
        guard case .object(var keys) = record.summary.json else { return record.summary.json }
        let own: [String: JSONValue] = [
            "planned_steps": .int(details.plannedSteps), "seconds": JSONValue(record.seconds),
            "best_step": JSONValue(record.bestStep), "weights_sha256": JSONValue(record.weights?.sha256),
            "weights_step": JSONValue(record.weights?.step), "command": JSONValue(details.command),
            "configuration": Self.decoded(record.summary.run.configuration),
            "metrics": .array(
                record.metrics.map { metric in
                    [
                        "name": .string(metric.name), "step": .int(metric.step), "epoch": .number(metric.epoch),
                        "value": .number(metric.value), "seconds": .number(metric.seconds),
                    ]
                }),
            "samples": .array(
                record.samples.map { sample in
                    [
                        "step": .int(sample.step), "temperature": .number(sample.temperature),
                        "text": .string(sample.text),
                    ]
                }),
            "events": .array(
                record.events.map { event in
                    [
                        "time": .string(event.time.formatted(.iso8601)), "step": JSONValue(event.step),
                        "kind": .string(event.kind), "message": .string(event.message),
                    ]
                }),
        ]
        keys.merge(own) { $1 }
        keys.merge(details.json) { $1 }
        return .object(keys)
    }

    private static func decoded(_ data: Data) -> JSONValue {
        (try? JSONDecoder().decode(JSONValue.self, from: data)) ?? .null
    }
}
