import Checkpoints
import Foundation
import Kernels
package import PageParts
import VectorDrawing

/// What `report` writes of a run.
package struct RunPage {
    let report: RunReport
    let figures: [PageFigure]
    /// "charnn 0.1.0".
    let maker: String

    package init(report: RunReport, figures: [PageFigure], maker: String) {
        (self.report, self.figures, self.maker) = (report, figures, maker)
    }

    private var record: RunRecord { report.record }
    private var details: RunDetails { report.details }

    package var page: PageDocument {
        var page = PageDocument(title: "\(record.summary.run.name): a run of \(maker)")
        page.add("<h1>\(HTML.text(record.summary.run.name))</h1>", HTML.paragraph(report.standing, class: "lead"))
        if let damage = record.damage { page.add(HTML.paragraph("Damaged: \(damage)", class: "lead")) }
        page.section("Run", [HTML.facts(report.rows.filter { $0.label != RunReport.againLabel })])
        page.section("Loss", lossCurves)
        page.section("Learning rate", rateCurve)
        for figure in figures { page.section(figure.title, [figure.html]) }
        page.section(details.writes ? "What it wrote on the way" : "", samples)
        page.section("Options", [HTML.table(["option", "value"], details.options.map { [$0.name, $0.value] })])
        page.section("Data", [HTML.facts(details.data.map { ($0.name, $0.value) })])
        page.section("Events", events)
        page.section("To make it again", again)
        page.section("All that was measured", measures)
        page.add(HTML.paragraph(origin, class: "soft"))
        return page
    }

    // MARK: Curves

    private var lossCurves: [String] {
        let validation = report.points("validation_loss")
        var training = report.points("training_loss")
        guard validation.count > 1 || training.count > 1 else {
            return [HTML.paragraph("Too little was measured to draw a curve.", class: "soft")]
        }
        var caption = validation.isEmpty ? "The run was never validated." : ""
        if let limit = LossCurve.limit(validation) {
            let before = training.count
            training.removeAll { $0.y > limit }
            if training.count < before {
                caption =
                    "Training losses above \(NumberText.fixed(limit, 2)) are left out here: they are in the table."
            }
        }
        var plot = LinePlot(
            [.init("validation", points: validation), .init("training", points: training)]
                .filter { !$0.points.isEmpty }, xLabel: "step", yLabel: details.lossUnit)
        (plot.width, plot.height) = (600, 330)
        if let best = report.bestPoint {
            plot.marks = [.init(x: best.x, y: best.y, text: "best, step \(NumberText.grouped(Int(best.x)))")]
        }
        return [
            HTML.figure(
                plot.svg, label: "Curves of training and validation loss by step",
                caption: caption.isEmpty ? nil : caption)
        ]
    }

    private var rateCurve: [String] {
        let points = report.points("learning_rate")
        guard points.count > 1 else { return [] }
        var plot = LinePlot([.init("learning rate", points: points)], xLabel: "step", yLabel: "learning rate")
        (plot.width, plot.height) = (600, 260)
        return [HTML.figure(plot.svg, label: "Learning rate by step")]
    }

    // MARK: Texts

    private var samples: [String] {
        guard details.writes else { return [] }
        guard !record.samples.isEmpty else {
            return [HTML.paragraph("No sample was written on the way.", class: "soft")]
        }
        return record.samples.enumerated().map { index, sample in
            HTML.details(
                "Step \(NumberText.grouped(sample.step)), temperature \(NumberText.exact(sample.temperature))",
                isOpen: index == 0 || index == record.samples.count - 1, HTML.preformatted(sample.text))
        }
    }

    private var events: [String] {
        guard !record.events.isEmpty else { return [HTML.paragraph("None is recorded.", class: "soft")] }
        return [
            HTML.table(
                ["time", "step", "what", ""],
                record.events.map { event in
                    [
                        event.time.formatted(.iso8601), event.step.map(NumberText.grouped) ?? "", event.kind,
                        event.message,
                    ]
                })
        ]
    }

    private var again: [String] {
        guard let command = details.command else { return [HTML.paragraph(record.noCommand)] }
        return [HTML.preformatted(command)]
    }

    // MARK: Numbers

    /// A row for each step, a column for each measure, numbers as exact as the store has them.
    private var measures: [String] {
        guard !record.metrics.isEmpty else { return [HTML.paragraph("Nothing was measured.", class: "soft")] }
        let names = Set(record.metrics.map(\.name)).sorted()
        let rows = Dictionary(grouping: record.metrics, by: \.step).sorted { $0.key < $1.key }.map { step, measured in
            let values = Dictionary(measured.map { ($0.name, "\($0.value)") }) { first, _ in first }
            return ["\(step)", measured.first.map { NumberText.fixed($0.seconds, 1) } ?? ""]
                + names.map { values[$0] ?? "" }
        }
        return [
            HTML.details(
                "\(NumberText.count(rows.count, "step")) as a table",
                HTML.table(["step", "seconds"] + names, rows, numbers: true))
        ]
    }

    private var origin: String {
        let machine = [ProcessorName.current, NumberText.count(ProcessorCount.physicalAndAllowed, "processor")]
            .compactMap(\.self).joined(separator: ", ")
        return
            "Made by \(maker) from the store, on \(machine). The store does not keep on which machine a run was trained."
    }
}

/// What curves of losses have in common wherever they are drawn.
enum LossCurve {
    /// What lies above would flatten the validation curve, as losses of the first steps would; nil where there is none.
    static func limit(_ validation: [(x: Double, y: Double)]) -> Double? {
        guard validation.count > 1, let top = validation.map(\.y).max(), let bottom = validation.map(\.y).min(),
            top > bottom
        else { return nil }
        return top + (top - bottom) / 2
    }
}
