import Foundation

/// Curves over a common horizontal axis, for a terminal.
package struct LineChart: Sendable {
    package struct Series: Sendable {
        package var name: String
        package var points: [(x: Double, y: Double)]
        /// Dots only, not joined by lines.
        package var isDotted: Bool

        package init(_ name: String, points: [(x: Double, y: Double)], isDotted: Bool = false) {
            self.name = name
            // Differences are finite: what is larger than anything else is drawn at the edge.
            self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
                .map { (min(max($0.x, -1e300), 1e300), min(max($0.y, -1e300), 1e300)) }
            self.isDotted = isDotted
        }
    }

    package var series: [Series]
    /// Rows of the drawing itself.
    package var rows: Int
    /// Columns with the axis.
    package var columns: Int
    package var xLabel: String

    package init(_ series: [Series], columns: Int = 76, rows: Int = 12, xLabel: String = "step") {
        self.series = series
        self.columns = max(24, columns)
        self.rows = max(2, rows)
        self.xLabel = xLabel
    }

    /// Lines without line ends; empty where no series has two points.
    package var lines: [String] {
        guard let bounds else { return [] }
        // Enough to tell the labels apart.
        let decimals = min(max(2, 1 - NumberText.magnitude(bounds.height)), 12)
        let labels = (0..<rows).map { row in
            let share = rows == 1 ? 0 : Double(row) / Double(rows - 1)
            return row % 3 == 0 || row == rows - 1
                ? NumberText.fixed(bounds.top - share * (bounds.top - bounds.bottom), decimals) : ""
        }
        let margin = labels.map(\.count).max() ?? 0
        var canvas = BrailleCanvas(columns: max(1, columns - margin - 2), rows: rows)
        for one in series { draw(one, in: bounds, on: &canvas) }
        let body = zip(labels, canvas.lines).map { label, line in
            String(repeating: " ", count: margin - label.count) + label + " ┤" + line
        }
        return body + [axis(bounds, margin: margin, width: canvas.columns)] + legend(margin: margin)
    }

    /// The ranges of the axes, from the joined curves where there are any: dots far above, as of a loss at first, would
    /// flatten
    /// them, and are left out.
    private var bounds: Bounds? {
        let curves = series.filter { $0.points.count > 1 }, joined = curves.filter { !$0.isDotted }
        guard var bounds = Bounds((joined.isEmpty ? curves : joined).flatMap(\.points)) else { return nil }
        let limit = bounds.top + bounds.height / 2
        let all = curves.flatMap(\.points).filter { $0.y <= limit }
        bounds.bottom = all.map(\.y).min() ?? bounds.bottom
        bounds.top = max(bounds.top, all.map(\.y).max() ?? bounds.top)
        bounds.left = min(bounds.left, all.map(\.x).min() ?? bounds.left)
        bounds.right = max(bounds.right, all.map(\.x).max() ?? bounds.right)
        return bounds
    }

    private func draw(_ series: Series, in bounds: Bounds, on canvas: inout BrailleCanvas) {
        let dots = series.points.map { point in
            (
                x: Self.dot((point.x - bounds.left) / bounds.width, of: canvas.width),
                y: Self.dot((bounds.top - point.y) / bounds.height, of: canvas.height)
            )
        }
        if series.isDotted {
            for dot in dots { canvas.set(dot.x, dot.y) }
        } else {
            for (from, to) in zip(dots, dots.dropFirst()) { canvas.line(from: from, to: to) }
        }
    }

    /// The dot at a share of a side. One that lies far outside is still outside, and an integer.
    private static func dot(_ share: Double, of side: Int) -> Int {
        Int((min(max(share, -1), 2) * Double(side - 1)).rounded())
    }

    private func axis(_ bounds: Bounds, margin: Int, width: Int) -> String {
        let left = NumberText.short(bounds.left), right = "\(NumberText.short(bounds.right)) \(xLabel)"
        let gap = max(1, width - left.count - right.count)
        return String(repeating: " ", count: margin + 2) + left + String(repeating: " ", count: gap) + right
    }

    private func legend(margin: Int) -> [String] {
        let names = series.filter { !$0.points.isEmpty }.map { ($0.isDotted ? "⠂⠂ " : "⠒⠒ ") + $0.name }
        return names.count < 2 ? [] : [String(repeating: " ", count: margin + 2) + names.joined(separator: "   ")]
    }

    private struct Bounds {
        var left: Double, right: Double, bottom: Double, top: Double
        var width: Double { right - left }
        var height: Double { top - bottom }

        init?(_ points: [(x: Double, y: Double)]) {
            guard let left = points.map(\.x).min(), let right = points.map(\.x).max(),
                let bottom = points.map(\.y).min(), let top = points.map(\.y).max()
            else { return nil }
            self.left = left
            self.right = right > left ? right : left + max(1, left.ulp)
            self.bottom = bottom
            // A flat curve lies at the bottom.
            self.top = top > bottom ? top : bottom + max(1, bottom.ulp)
        }
    }
}

/// A grid of dots drawn with braille characters, 2 × 4 dots in each.
struct BrailleCanvas {
    let columns: Int
    let rows: Int
    private var cells: [UInt8]

    var width: Int { 2 * columns }
    var height: Int { 4 * rows }

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = Array(repeating: 0, count: columns * rows)
    }

    /// Dots outside of the canvas are left out. (0, 0) is above and left.
    mutating func set(_ x: Int, _ y: Int) {
        guard (0..<width).contains(x), (0..<height).contains(y) else { return }
        cells[y / 4 * columns + x / 2] |= Self.bits[y % 4][x % 2]
    }

    /// A straight line, by Bresenham's rule.
    mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int)) {
        let steps = max(abs(end.x - start.x), abs(end.y - start.y), 1)
        for step in 0...steps {
            let share = Double(step) / Double(steps)
            set(
                start.x + Int((share * Double(end.x - start.x)).rounded()),
                start.y + Int((share * Double(end.y - start.y)).rounded()))
        }
    }

    var lines: [String] {
        (0..<rows).map { row in
            String(
                String.UnicodeScalarView(
                    cells[row * columns..<(row + 1) * columns].compactMap { Unicode.Scalar(0x2800 + UInt32($0)) }))
        }
    }

    /// Of a dot in its character: the Unicode chart of braille patterns numbers them by columns, the last row later.
    private static let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
}
