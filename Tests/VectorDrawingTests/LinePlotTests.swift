import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif
import Testing
import VectorDrawing

@Suite struct LinePlotTests {
    /// The elements of a drawing; an error if it is no XML.
    private func elements(_ svg: String) throws -> [(name: String, attributes: [String: String])] {
        final class Reader: NSObject, XMLParserDelegate {
            var elements: [(name: String, attributes: [String: String])] = []
            func parser(
                _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
                attributes: [String: String] = [:]
            ) { elements.append((name, attributes)) }
        }
        let parser = XMLParser(data: Data(svg.utf8)), reader = Reader()
        parser.delegate = reader
        #expect(parser.parse(), "\(svg)")
        return reader.elements
    }

    private func points(_ text: String) -> [(x: Double, y: Double)] {
        text.split(separator: " ").map { pair in
            let numbers = pair.split(separator: ",").compactMap { Double($0) }
            return (numbers[0], numbers[1])
        }
    }

    @Test func curvesLieWhereTheirNumbersAre() throws {
        let plot = LinePlot(
            [.init("up & away", points: [(0, 1), (10, 3), (20, 5)]), .init("flat", points: [(0, 2), (20, 2)])],
            xLabel: "step", yLabel: "loss < 5")
        let found = try elements(plot.svg), lines = found.filter { $0.name == "polyline" }
        #expect(lines.count == 2 && plot.svg.contains("up &amp; away") && plot.svg.contains("loss &lt; 5"))
        let up = points(lines[0].attributes["points"] ?? ""), flat = points(lines[1].attributes["points"] ?? "")
        // In the middle across and up, and higher on the page for a larger number.
        #expect(abs(up[1].x - (up[0].x + up[2].x) / 2) < 0.2 && abs(up[1].y - (up[0].y + up[2].y) / 2) < 0.2)
        #expect(up[2].y < up[0].y && flat[0].y == flat[1].y && abs(flat[0].y - (3 * up[0].y + up[2].y) / 4) < 0.2)
        #expect(lines[0].attributes["stroke"] != lines[1].attributes["stroke"])
        for point in up + flat { #expect((0...720).contains(point.x) && (0...440).contains(point.y)) }
    }

    @Test func aMarkLiesOnItsPointAndOneOutsideIsLeftOut() throws {
        var plot = LinePlot([.init("a", points: [(0, 1), (10, 3), (20, 5)])], xLabel: "step", yLabel: "loss")
        plot.marks = [
            .init(x: 10, y: 3, text: "best & only"), .init(x: 30, y: 3, text: "late"), .init(x: 10, y: 9, text: "high"),
        ]
        let found = try elements(plot.svg), rings = found.filter { $0.name == "circle" }
        let middle = points(found.first { $0.name == "polyline" }?.attributes["points"] ?? "")[1]
        #expect(rings.count == 1 && plot.svg.contains("best &amp; only") && !plot.svg.contains("late"))
        #expect(rings.first?.attributes["cx"] == SVG.number(Float(middle.x)))
        #expect(rings.first?.attributes["cy"] == SVG.number(Float(middle.y)))
    }

    /// A page gives colors to these.
    @Test func partsHaveClasses() throws {
        let plot = LinePlot(
            [.init("a", points: [(0, 1), (10, 3)]), .init("b", points: [(0, 2), (10, 1)])], xLabel: "x", yLabel: "y")
        let classes = try Set(elements(plot.svg).compactMap { $0.attributes["class"] })
        #expect(classes == ["ground", "ink", "grid", "curve-0", "curve-1", "key-0", "key-1"])
    }

    @Test(arguments: [
        [(0.0, 0.0)], [], [(1, .nan), (2, .infinity)], [(0, 1e-9), (1, 2e-9)], [(0, -4e12), (1e15, 7e12)],
        [(3, 5), (4, 5)],
    ])
    func anyNumbersMakeADrawing(_ numbers: [(Double, Double)]) throws {
        let plot = LinePlot([.init("a", points: numbers.map { (x: $0.0, y: $0.1) })], xLabel: "x", yLabel: "y")
        #expect(!plot.svg.contains("nan") && !plot.svg.contains("inf"))
        #expect(try elements(plot.svg).filter { $0.name == "line" }.count < 40)
    }
}
