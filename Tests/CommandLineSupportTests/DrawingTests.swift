import CommandLineSupport
import Testing

@Suite struct DrawingTests {
    /// The dots of a chart's body as coordinates, by the Unicode chart of braille patterns.
    private func dots(_ lines: [String]) -> Set<[Int]> {
        var found: Set<[Int]> = []
        for (row, line) in lines.enumerated() {
            guard let body = line.split(separator: "┤").last else { continue }
            for (column, scalar) in body.unicodeScalars.enumerated() where (0x2800...0x28ff).contains(scalar.value) {
                let bits = scalar.value - 0x2800
                let places: [(UInt32, Int, Int)] = [
                    (1, 0, 0), (2, 0, 1), (4, 0, 2), (8, 1, 0), (16, 1, 1), (32, 1, 2), (64, 0, 3), (128, 1, 3),
                ]
                for (bit, x, y) in places where bits & bit != 0 { found.insert([2 * column + x, 4 * row + y]) }
            }
        }
        return found
    }

    @Test func aFallingCurveGoesFromAboveLeftToBelowRight() throws {
        let chart = LineChart([.init("loss", points: [(1, 4), (2, 3), (3, 2)])], columns: 40, rows: 5)
        let body = Array(chart.lines.prefix(5)), found = dots(body)
        let width = try #require(body.first?.split(separator: "┤").last?.count) * 2
        #expect(found.contains([0, 0]))
        #expect(found.contains([width - 1, 19]))
        #expect(!found.contains([width - 1, 0]))
        // One dot in every column at least: the curve is joined.
        #expect(Set(found.map { $0[0] }).count == width)
        #expect(body[0].hasPrefix("4.00 ┤"))
        #expect(body[4].hasPrefix("2.00 ┤"))
        #expect(chart.lines.allSatisfy { $0.count <= 40 })
    }

    @Test func earlyDotsDoNotFlattenTheCurve() {
        let curve: [(x: Double, y: Double)] = [(10, 2), (20, 1.5)]
        let alone = LineChart([.init("v", points: curve)], columns: 40, rows: 4)
        let both = LineChart(
            [.init("v", points: curve), .init("t", points: [(10, 90), (20, 1.7)], isDotted: true)], columns: 40, rows: 4
        )
        #expect(alone.lines[0].hasPrefix("2.00"))
        #expect(both.lines[0].hasPrefix("2.00"))
    }

    /// What a store may hold: losses that no run has, far apart and at any width.
    @Test(arguments: [5e37, 1e300, -1e300, .greatestFiniteMagnitude, 1e-300, 5e-324, 1e15])
    func absurdNumbersAreDrawn(value: Double) {
        for columns in [1, 24, 44, 100] {
            for (first, last) in [(value, -value), (value, value), (0, value), (3, value), (value, value.nextUp)] {
                for x in [2.0, 1e15, value] {
                    let lines = LineChart(
                        [
                            .init("v", points: [(1, first), (x, last)]),
                            .init("t", points: [(1, last), (x, 1), (3, -first)], isDotted: true),
                        ], columns: columns
                    ).lines
                    #expect(lines.count == 14 && lines.allSatisfy { $0.count <= 130 }, "\(lines)")
                }
            }
        }
        let flat = LineChart([.init("v", points: [(1, 5e37), (2, 3e37)])], columns: 44).lines
        #expect(flat[0].hasPrefix("5.0000e+37 ┤"))
    }

    @Test func nothingToDraw() {
        #expect(LineChart([]).lines.isEmpty)
        #expect(LineChart([.init("v", points: [(1, 1)])]).lines.isEmpty)
        #expect(!LineChart([.init("v", points: [(1, 1), (2, 1)])]).lines.isEmpty)
        #expect(LineChart([.init("v", points: [(1, .nan), (2, .infinity)])]).lines.isEmpty)
    }

    @Test func columnsOfATableAlign() {
        var table = Table([("RUN", .left), ("STEPS", .right)])
        table.add(["织机-1", "5"])
        table.add(["a", "1,200"])
        #expect(table.lines == ["RUN     STEPS", "织机-1      5", "a       1,200"])
    }

    @Test func widths() {
        #expect(Terminal.columns("abc") == 3)
        #expect(Terminal.columns("织机") == 4)
        #expect(Terminal.columns("e\u{301}") == 1)
        for emoji in ["🚀", "⭐", "✅", "🇩🇪", "1️⃣", "👨‍👩‍👧‍👦", "👍🏽", "❤️", "🏳️‍🌈"] { #expect(Terminal.columns(emoji) == 2, "\(emoji)") }
        for sign in ["❤", "©", "é", "☎", "ｶ", "ا"] { #expect(Terminal.columns(sign) == 1, "\(sign)") }
        // Halfwidth kana with marks of voice, Tangut, kana of the supplements, a squared ideograph.
        #expect(Terminal.columns("ｶﾞｷﾟ") == 4)
        #expect(Terminal.columns("\u{17000}\u{1B000}\u{1F210}") == 6)
        #expect(Terminal.prefix("织机abc", columns: 5) == "织机a")
        #expect(Terminal.prefix("织机abc", columns: 3) == "织")
    }
}
