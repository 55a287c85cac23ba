import BookLessons
import CommandLineSupport

extension Report {
    /// The lesson as a reader of a terminal sees it.
    func lines(of about: About, source: String?, seconds: Double, figures paths: [String?]) -> [String] {
        var lines = ["\(about.sections) \(about.title)", about.shows]
        if let source { lines.append("Data: \(source)") }
        var table = Table([("", .left), ("book", .right), ("here", .right)])
        for row in rows { table.add([row.name, row.book ?? "", row.here]) }
        lines += [""] + table.lines.map { "  " + $0 }
        for text in texts {
            lines += ["", "  \(text.title)"]
            lines += text.text.split(separator: "\n", omittingEmptySubsequences: false).map { "  | \($0)" }
        }
        for (figure, path) in zip(figures, paths) {
            if case .curves(let curves, let x, _) = figure.content {
                let series = curves.map { LineChart.Series($0.name, points: $0.points) }
                lines += [""] + LineChart(series, xLabel: x).lines.map { "  " + $0 }
            }
            if path != nil || figure.isCurves {
                lines += ["", "  Figure: \(figure.caption)" + (path.map { " \($0)" } ?? "")]
            }
        }
        return lines + [""] + Self.wrapped(takeaway, columns: 100) + ["(\(NumberText.fixed(seconds, 1)) s)", ""]
    }

    private static func wrapped(_ text: String, columns: Int) -> [String] {
        text.split(separator: " ").reduce(into: [String]()) { lines, word in
            if let last = lines.last, last.count + word.count < columns {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
    }
}

extension Figure {
    fileprivate var isCurves: Bool { if case .curves = content { true } else { false } }
}
