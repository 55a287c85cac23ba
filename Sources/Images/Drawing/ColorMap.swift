import Requirements

/// Colors for numbers from 0 to 1, ever lighter, so that more looks like more, in grey print too.
package struct ColorMap: Sendable {
    private let anchors: [Color]

    /// - Precondition: at least two colors, spaced evenly; between them each channel is interpolated.
    package init(_ anchors: [Color]) {
        require(anchors.count >= 2, "a color map needs at least two colors, not \(anchors.count)")
        self.anchors = anchors
    }

    /// Black by way of purple and orange to light yellow: matplotlib's "inferno" (Smith and van der Walt 2015, in the
    /// public domain) at eight points.
    package static let inferno = ColorMap(
        [0x000004, 0x280b54, 0x65156e, 0x9f2a63, 0xd44842, 0xf57d15, 0xfac127, 0xfcffa4].map { Color($0) })

    /// The color of a number; what is beyond 0 ... 1, or no number, has the color of the nearer end, or of 0.
    package subscript(value: Float) -> Color {
        let position = (value > 0 ? min(value, 1) : 0) * Float(anchors.count - 1)
        let index = min(Int(position), anchors.count - 2)
        return anchors[index].mixed(with: anchors[index + 1], share: position - Float(index))
    }
}
