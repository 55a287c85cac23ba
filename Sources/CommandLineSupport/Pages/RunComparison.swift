import Checkpoints
import FileTrees
import Foundation
import TrainingRuns
package import PageParts
import VectorDrawing

/// Two runs beside each other.
package struct RunComparison {
    let first: RunReport
    let second: RunReport

    package init(first: RunReport, second: RunReport) { (self.first, self.second) = (first, second) }

    private var both: [RunReport] { [first, second] }
    private var names: [String] { both.map(\.record.summary.run.name) }

    /// How each came out.
    var results: [(label: String, first: String, second: String)] {
        func row(_ label: String, _ text: (RunReport) -> String) -> (label: String, first: String, second: String) {
            (label, text(first), text(second))
        }
        return [
            row("status", \.status),
            row("best") { $0.record.summary.bestValidation.map($0.details.loss) ?? "never validated" },
            row("at step") { $0.record.bestStep.map(NumberText.grouped) ?? "-" },
            row("parameters") { $0.record.summary.parameters.map(NumberText.grouped) ?? "?" },
            row("time") { $0.record.seconds.map { "\(TimeSpan(seconds: $0))" } ?? "-" },
        ]
    }

    /// What differs of data and options, in the order of the help.
    var differences: [(label: String, first: String, second: String)] {
        func differing(_ lists: [[(name: String, value: String)]]) -> [(label: String, first: String, second: String)] {
            var known: [String] = []
            for one in lists.flatMap(\.self) where !known.contains(one.name) { known.append(one.name) }
            let values = lists.map { Dictionary($0.map { ($0.name, $0.value) }) { first, _ in first } }
            return known.map { ($0, values[0][$0] ?? "-", values[1][$0] ?? "-") }.filter { $0.1 != $0.2 }
        }
        return differing(starts) + differing(both.map(\.details.options)) + differing(both.map(\.details.data))
    }

    /// The weights that each began with. Two runs of one name and step may have others.
    private var starts: [[(name: String, value: String)]] {
        let points = both.map { $0.record.start?.point }
        // Whatever the runs are called that had them.
        guard points[0]?.weightsSHA256 != points[1]?.weightsSHA256 else { return [[], []] }
        let isNamedAlike = points[0]?.run == points[1]?.run && points[0]?.step == points[1]?.step
        return points.map { point in
            point.map { point in
                let weights = isNamedAlike ? ", SHA-256 \(point.weightsSHA256.prefix(12))…" : ""
                return [("--from", "\(point.run), step \(NumberText.grouped(point.step))\(weights)")]
            } ?? []
        }
    }

    /// Which is better, if that can be said.
    var verdict: String {
        guard first.details.judgedBy == second.details.judgedBy else {
            return "Their losses were not measured alike: which is better cannot be said from them."
        }
        guard let a = first.record.summary.bestValidation, let b = second.record.summary.bestValidation else {
            return "One was never validated: which is better cannot be said."
        }
        guard a != b else { return "Both have the same best loss." }
        let gap = abs(a - b), decimals = min(12, max(4, 2 - NumberText.magnitude(gap)))
        let share = NumberText.fixed(100 * gap / abs(max(a, b)), 1)
        return "'\(names[a < b ? 0 : 1])' is better by \(NumberText.fixed(gap, decimals)) (\(first.details.lossUnit)), "
            + "\(share) %."
    }

    // MARK: In the terminal

    package func lines(columns: Int) -> [String] {
        var table = Table([("", .left), (names[0], .left), (names[1], .left)])
        for row in results { table.add([row.label, row.first, row.second]) }
        return table.lines + ["", verdict, ""] + differenceLines + chartLines(columns)
    }

    private var differenceLines: [String] {
        guard !differences.isEmpty else { return ["Their options and data are the same."] }
        var table = Table([("OPTION", .left), (names[0], .left), (names[1], .left)])
        for row in differences { table.add([row.label, row.first, row.second]) }
        return table.lines
    }

    private func chartLines(_ columns: Int) -> [String] {
        let (measure, curves) = compared
        guard curves.allSatisfy({ $0.count > 1 }) else { return [] }
        // Joined is the one that goes higher: what is dotted must not lie above the drawing.
        let higher = (curves[0].map(\.y).max() ?? 0) >= (curves[1].map(\.y).max() ?? 0) ? 0 : 1
        let chart = LineChart(
            (0..<2).map { index in
                .init(
                    "\(VisibleText.line(names[index])), \(measure)",
                    points: index == higher ? curves[index] : Self.spread(curves[index], over: columns),
                    isDotted: index != higher)
            }, columns: columns - 2)
        return [""] + chart.lines
    }

    /// Validation losses; training losses where a run has too few of those.
    private var compared: (measure: String, curves: [[(x: Double, y: Double)]]) {
        let validation = both.map { $0.points("validation_loss") }
        return validation.allSatisfy { $0.count > 1 }
            ? ("validation loss", validation) : ("training loss", both.map { $0.points("training_loss") })
    }

    /// Points along a curve, near enough to each other to be seen as one.
    private static func spread(_ points: [(x: Double, y: Double)], over columns: Int) -> [(x: Double, y: Double)] {
        guard let start = points.first, let end = points.last, end.x > start.x else { return points }
        var index = 0
        return (0...columns).map { column in
            let x = start.x + (end.x - start.x) * Double(column) / Double(columns)
            while index + 2 < points.count, points[index + 1].x < x { index += 1 }
            let (a, b) = (points[index], points[index + 1])
            return (x, b.x > a.x ? a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x) : b.y)
        }
    }

    // MARK: As a page

    package var page: PageDocument {
        var page = PageDocument(title: "\(names[0]) and \(names[1])")
        page.add(
            "<h1><bdi>\(HTML.text(names[0]))</bdi> <span class=\"soft\">and</span> <bdi>\(HTML.text(names[1]))</bdi></h1>",
            HTML.paragraph(verdict, class: "lead"))
        page.section("Results", [HTML.table([""] + names, results.map { [$0.label, $0.first, $0.second] })])
        page.section("Loss", curves)
        page.section(
            "What differs",
            differences.isEmpty
                ? [HTML.paragraph("Their options and data are the same.")]
                : [HTML.table(["option"] + names, differences.map { [$0.label, $0.first, $0.second] })])
        page.section(
            "To make them again",
            both.map { $0.details.command.map(HTML.preformatted) ?? HTML.paragraph($0.record.noCommand) })
        return page
    }

    private var curves: [String] {
        let limit = both.compactMap { LossCurve.limit($0.points("validation_loss")) }.max() ?? .infinity
        let series = ["validation", "training"].flatMap { kind in
            both.indices.map { index in
                LinePlot.Series(
                    "\(names[index]), \(kind)",
                    points: both[index].points("\(kind)_loss").filter { kind == "validation" || $0.y <= limit })
            }
        }
        guard series.contains(where: { $0.points.count > 1 }) else {
            return [HTML.paragraph("Too little was measured to draw curves.", class: "soft")]
        }
        let units = Set(both.map(\.details.lossUnit)).sorted()
        var plot = LinePlot(series, xLabel: "step", yLabel: units.joined(separator: "; "))
        (plot.width, plot.height) = (600, 350)
        plot.marks = zip(names, both).compactMap { name, report in
            report.bestPoint.map { .init(x: $0.x, y: $0.y, text: name) }
        }
        return [
            HTML.figure(
                plot.svg, label: "Curves of both runs by step", kind: "plot pair",
                caption: "Dashed is training. Rings mark the best steps.")
        ]
    }

    // MARK: For programs

    package var json: JSONValue {
        [
            "first": .string(names[0]), "second": .string(names[1]),
            "best_losses": .array(both.map { JSONValue($0.record.summary.bestValidation) }),
            "best_steps": .array(both.map { JSONValue($0.record.bestStep) }),
            "comparable": .bool(first.details.judgedBy == second.details.judgedBy),
            "differences": .array(
                differences.map {
                    ["option": .string($0.label), "first": .string($0.first), "second": .string($0.second)]
                }),
        ]
    }
}
