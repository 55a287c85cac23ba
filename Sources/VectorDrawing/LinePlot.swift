import FileTrees

/// Curves over a common horizontal axis, as an SVG document.
package struct LinePlot: Sendable {
    package struct Series: Sendable {
        package var name: String
        package var points: [(x: Double, y: Double)]

        /// Points that are not numbers are left out.
        package init(_ name: String, points: [(x: Double, y: Double)]) {
            self.name = name
            self.points = points.filter { $0.x.isFinite && $0.y.isFinite && abs($0.x) < 1e100 && abs($0.y) < 1e100 }
        }
    }

    /// A point of a curve that is named in the drawing.
    package struct Mark: Sendable {
        package var x: Double
        package var y: Double
        package var text: String

        package init(x: Double, y: Double, text: String) { (self.x, self.y, self.text) = (x, y, text) }
    }

    package var series: [Series]
    /// Drawn over the curves, if they lie on the sheet.
    package var marks: [Mark] = []
    package var xLabel: String
    package var yLabel: String
    /// Pixels, axes and legend included.
    package var width = 720
    package var height = 440

    package init(_ series: [Series], xLabel: String, yLabel: String) {
        (self.series, self.xLabel, self.yLabel) = (series, xLabel, yLabel)
    }

    /// With a line of the legend for each curve. Alone it is drawn on white; a page that holds it gives it its own colors
    /// by its classes: `ground`, `ink`, `grid`, `mark`, and `curve-0`, `curve-1`, … with `key-0` in the legend.
    package var svg: String {
        let x = Axis(series.flatMap { $0.points.map(\.x) }, from: 64, to: Double(width - 16))
        let y = Axis(series.flatMap { $0.points.map(\.y) }, from: Double(height - 48), to: 16 + 18 * legendLines)
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
                + "viewBox=\"0 0 \(width) \(height)\">",
            "<rect class=\"ground\" width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
            "<g class=\"ink\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#404040\">",
        ]
        for tick in x.ticks {
            let at = SVG.number(Float(x.place(tick)))
            lines.append(rule(at, SVG.number(Float(y.start)), at, SVG.number(Float(y.end))))
            lines.append(
                "<text x=\"\(at)\" y=\"\(height - 30)\" text-anchor=\"middle\">\(x.text(tick))</text>")
        }
        for tick in y.ticks {
            let at = SVG.number(Float(y.place(tick)))
            lines.append(rule(SVG.number(Float(x.start)), at, SVG.number(Float(x.end)), at))
            lines.append("<text x=\"56\" y=\"\(at)\" dy=\"4\" text-anchor=\"end\">\(y.text(tick))</text>")
        }
        lines.append(
            "<text x=\"\(width / 2)\" y=\"\(height - 10)\" text-anchor=\"middle\">\(SVG.escaped(xLabel))</text>")
        lines.append("<text x=\"8\" y=\"\(SVG.number(Float(y.end) - 6))\">\(SVG.escaped(yLabel))</text>")
        for (index, one) in series.enumerated() {
            let color = SeriesColors.hexadecimal(of: index)
            let points = one.points.map {
                "\(SVG.number(Float(x.place($0.x)))),\(SVG.number(Float(y.place($0.y))))"
            }
            lines.append(
                "<polyline class=\"curve-\(index)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.8\" stroke-linejoin=\"round\" "
                    + "points=\"\(points.joined(separator: " "))\"/>")
            let left = 72 + index % 2 * (width - 88) / 2, line = 18 + index / 2 * 18
            lines.append(
                "<rect class=\"key-\(index)\" x=\"\(left)\" y=\"\(line - 6)\" width=\"18\" height=\"3\" "
                    + "fill=\"\(color)\"/>")
            lines.append("<text x=\"\(left + 24)\" y=\"\(line)\">\(SVG.escaped(one.name))</text>")
        }
        lines += marks.flatMap { drawn($0, x, y) }
        return (lines + ["</g>", "</svg>", ""]).joined(separator: "\n")
    }

    /// A ring, and its text beside it towards the middle of the sheet.
    private func drawn(_ mark: Mark, _ x: Axis, _ y: Axis) -> [String] {
        let place = (x: x.place(mark.x), y: y.place(mark.y))
        guard (x.start - 1...x.end + 1).contains(place.x), (y.end - 1...y.start + 1).contains(place.y) else {
            return []
        }
        let isLeft = place.x < (x.start + x.end) / 2, isLow = place.y > (y.start + y.end) / 2
        let textX = place.x + (isLeft ? 8 : -8), textY = place.y + (isLow ? -10 : 20)
        return [
            "<circle class=\"mark\" cx=\"\(SVG.number(Float(place.x)))\" cy=\"\(SVG.number(Float(place.y)))\" r=\"5\" "
                + "fill=\"none\" stroke=\"#202020\" stroke-width=\"2\"/>",
            "<text x=\"\(SVG.number(Float(textX)))\" y=\"\(SVG.number(Float(textY)))\" "
                + "text-anchor=\"\(isLeft ? "start" : "end")\">\(SVG.escaped(mark.text))</text>",
        ]
    }

    /// Two curves share one, above the drawing; then the name of the vertical axis.
    private var legendLines: Double { Double((series.count + 1) / 2) + 1 }

    private func rule(_ x1: String, _ y1: String, _ x2: String, _ y2: String) -> String {
        "<line class=\"grid\" x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\" stroke=\"#d8d8d8\"/>"
    }
}

/// Where numbers lie on one side of a plot, in pixels.
private struct Axis {
    let start: Double
    let end: Double
    let ticks: [Double]
    private let low: Double
    private let high: Double
    private let decimals: Int

    /// From the least to the greatest of some numbers, and a tick at each of about five round ones.
    init(_ values: [Double], from start: Double, to end: Double) {
        (self.start, self.end) = (start, end)
        let least = values.min() ?? 0, greatest = values.max() ?? 1
        // What is flat lies in the middle.
        let pad = greatest > least ? 0 : max(1, abs(least)) / 2
        (low, high) = (least - pad, greatest + pad)
        var step = 1.0, decimals = 0
        while step * 5 > high - low, decimals < 12 { (step, decimals) = (step / 10, decimals + 1) }
        while step * 50 < high - low { step *= 10 }
        for factor in [5.0, 2.0] where step * factor * 4 <= high - low {
            step *= factor
            break
        }
        self.decimals = decimals
        let first = (low / step).rounded(.up)
        ticks = (0..<50).map { (first + Double($0)) * step }.filter { [high = high] in $0 <= high }
    }

    func place(_ value: Double) -> Double { start + (value - low) / (high - low) * (end - start) }

    func text(_ value: Double) -> String {
        guard abs(value) < 1e7 else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int((abs(value) * scale).rounded()), digits = String(scaled)
        let sign = value < 0 && scaled > 0 ? "−" : ""
        guard decimals > 0, decimals < 10 else { return sign + (decimals == 0 ? digits : "\(abs(value))") }
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }
}
