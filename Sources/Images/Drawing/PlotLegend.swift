/// A line of a plot's legend: a marker, its middle at (x, y), and text to its right.
struct LegendEntry {
    let text: String
    /// nil for a line of text alone.
    let style: (color: Color, marker: Marker)?
    let x: Int
    let y: Int

    /// From the middle of the marker to the text.
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
