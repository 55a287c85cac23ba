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
