/// Points in the plane, colored by class: codes brought down to two numbers, say.
///
/// One unit is as long across as up, because distances mean something; the points fill the sheet along the axis that
/// binds. Classes have the colors of a palette of ten, then other shapes, in the order of their names (2 before 10).
package struct ScatterPlot: Sendable {
    package struct Point: Sendable {
        package var x: Float
        /// Counted upwards.
        package var y: Float
        package var label: String?
        /// Shown in place of the dot where there is room.
        package var thumbnail: Picture?

        package init(x: Float, y: Float, label: String? = nil, thumbnail: Picture? = nil) {
            self.x = x
            self.y = y
            self.label = label
            self.thumbnail = thumbnail
        }
    }

    /// The points whose coordinates are finite, in the order given.
    package let points: [Point]
    /// The classes, in the order of the legend.
    package let labels: [String]
    /// Pixels, legend included.
    package var width = 1200
    package var height = 1000
    /// The longer side of a thumbnail, in pixels.
    package var thumbnailSide = 40

    private let classIndex: [String: Int]

    /// Points that are not numbers are left out.
    package init(_ points: [Point]) {
        self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
        labels = NaturalOrder.sorted(self.points.compactMap(\.label))
        classIndex = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
    }

    func style(of label: String?) -> (color: Color, marker: Marker) {
        label.flatMap { classIndex[$0] }.map(Palette.style) ?? (Palette.none, .disc)
    }

    /// The color of the frame around a thumbnail.
    func frame(of point: Point) -> Color {
        point.label == nil ? Color(gray: 200) : style(of: point.label).color
    }

    /// In the order of drawing, thumbnails over dots. A thumbnail that another would hide is a dot.
    ///
    /// What is drawn last hides others, so the order is not the collection's, whose classes come one after another; but
    /// it is the same every time.
    func dotsAndThumbnails(_ layout: PlotLayout) -> (dots: [Point], thumbnails: [Point]) {
        var places = FreePlaces(side: thumbnailSide)
        var dots: [Point] = [], thumbnails: [Point] = []
        let order = points.indices.map { (UInt32(truncatingIfNeeded: $0) &* 2_654_435_769, $0) }.sorted { $0 < $1 }
        for (_, index) in order {
            let place = layout.place(points[index])
            if points[index].thumbnail != nil && places.take(x: place.x, y: place.y) {
                thumbnails.append(points[index])
            } else {
                dots.append(points[index])
            }
        }
        return (dots, thumbnails)
    }
}

/// Where things lie on the sheet of a plot, in pixels from its top left corner.
struct PlotLayout {
    let width: Int
    let height: Int
    /// The left edge of the legend, if there is one.
    let legendLeft: Int?
    private let scale: Float
    private let middleX: Float
    private let middleY: Float
    private let centerX: Float
    private let centerY: Float

    static let margin = 36
    /// Pixels from one line of the legend to the next.
    static let legendLine = 22

    init(_ plot: ScatterPlot) {
        width = plot.width
        height = plot.height
        legendLeft = plot.labels.isEmpty ? nil : max(0, plot.width - plot.legendWidth)
        // Room for half a thumbnail at the edge.
        let inset = Self.margin + (plot.points.contains { $0.thumbnail != nil } ? plot.thumbnailSide / 2 : 0)
        let right = (legendLeft ?? plot.width) - inset
        let low = (x: plot.points.map(\.x).min() ?? 0, y: plot.points.map(\.y).min() ?? 0)
        let high = (x: plot.points.map(\.x).max() ?? 0, y: plot.points.map(\.y).max() ?? 0)
        // Halves first: the difference of two large numbers can be infinite.
        middleX = low.x / 2 + high.x / 2
        middleY = low.y / 2 + high.y / 2
        let halfWidth = high.x / 2 - low.x / 2, halfHeight = high.y / 2 - low.y / 2
        let roomX = Float(max(1, right - inset)) / 2, roomY = Float(max(1, plot.height - 2 * inset)) / 2
        let scaleX = halfWidth > 0 ? roomX / halfWidth : .infinity
        let scaleY = halfHeight > 0 ? roomY / halfHeight : .infinity
        let smaller = min(scaleX, scaleY)
        scale = smaller.isFinite ? smaller : 0
        centerX = Float(inset) + roomX
        centerY = Float(inset) + roomY
    }

    func place(_ point: ScatterPlot.Point) -> (x: Float, y: Float) {
        (centerX + (point.x - middleX) * scale, centerY - (point.y - middleY) * scale)
    }

    /// Smaller dots for more points.
    static func radius(forPoints count: Int) -> Float {
        count <= 300 ? 6 : count <= 2000 ? 4.5 : count <= 10_000 ? 3 : 2
    }
}

/// Which squares of the sheet have a thumbnail: they must not hide each other.
struct FreePlaces {
    let side: Int
    private var taken: [Cell: [(x: Float, y: Float)]] = [:]

    private struct Cell: Hashable {
        let column: Int
        let row: Int
    }

    init(side: Int) { self.side = side }

    /// Takes the square around a point, unless it meets one that is taken.
    mutating func take(x: Float, y: Float) -> Bool {
        let size = Float(side)
        let column = Int(x / size), row = Int(y / size)
        for neighborColumn in column - 1...column + 1 {
            for neighborRow in row - 1...row + 1 {
                let others = taken[Cell(column: neighborColumn, row: neighborRow)] ?? []
                if others.contains(where: { abs($0.x - x) < size && abs($0.y - y) < size }) { return false }
            }
        }
        taken[Cell(column: column, row: row), default: []].append((x, y))
        return true
    }
}

/// A line of a plot's legend: a marker, its middle at (x, y), and text to its right.
struct LegendEntry {
    let text: String
    /// The marker and its color; nil for a line of text alone.
    let style: (color: Color, marker: Marker)?
    let x: Int
    let y: Int

    /// Pixels from the middle of the marker to the text.
    static let textOffset = 16
    /// Longer names end in two dots.
    static let longestText = 24
}

extension ScatterPlot {
    func legend(_ layout: PlotLayout) -> [LegendEntry] {
        guard let left = layout.legendLeft else { return [] }
        let room = max(1, (layout.height - 2 * PlotLayout.margin) / PlotLayout.legendLine)
        let shown = labels.count <= room ? labels.count : room - 1
        func entry(_ line: Int, _ text: String, _ style: (Color, Marker)?) -> LegendEntry {
            LegendEntry(
                text: text, style: style, x: left + 8, y: PlotLayout.margin + 8 + line * PlotLayout.legendLine)
        }
        var entries = labels.prefix(shown).enumerated().map { line, label in
            entry(line, Self.shortened(label), style(of: label))
        }
        if shown < labels.count { entries.append(entry(shown, "and \(labels.count - shown) more", nil)) }
        return entries
    }

    static func shortened(_ label: String) -> String {
        label.count <= LegendEntry.longestText ? label : label.prefix(LegendEntry.longestText - 2) + ".."
    }

    /// Pixels for the legend, from the longest name shown.
    var legendWidth: Int {
        let longest = labels.map { Self.shortened($0).unicodeScalars.count }.max() ?? 0
        return LegendEntry.textOffset + 8 + 2 * PixelFont.advance * max(longest, 11) + 12
    }
}
