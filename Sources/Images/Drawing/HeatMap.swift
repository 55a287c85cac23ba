import Requirements

/// Where a picture was hard to reconstruct: the error of each pixel as a color over the picture in gray.
package struct HeatMap: Sendable {
    /// The error that has the lightest color; what is larger has it too. One scale for all pictures of a run makes them
    /// comparable.
    package var scale: Float
    package var colors = ColorMap.inferno

    /// - Precondition: the scale is above 0.
    package init(scale: Float) {
        require(scale > 0, "a heat map to a scale of \(scale)")
        self.scale = scale
    }

    /// The map of one picture, at its own size.
    ///
    /// - Parameters:
    ///   - errors: the error of each pixel of the format, [height, width], at least 0; outside of the placement they
    ///     are not looked at.
    ///   - picture: the picture before it was fitted.
    package func picture(
        of errors: some Collection<Float>, over picture: Picture, at placement: Placement, in format: PictureFormat
    ) -> Picture {
        require(
            placement.original == picture.size,
            "errors of a picture of \(placement.original) pixels over one of \(picture.size)")
        let scale = scale
        // A placement of a gray picture, so that the errors are scaled back in one channel.
        let gray = Placement(of: picture.size, channels: 1, in: format)
        let shares = gray.restored(
            from: errors.lazy.map { $0 / scale }, in: PictureFormat(size: format.size, channels: 1))
        var result = picture.gray.color
        for y in 0..<picture.height {
            for x in 0..<picture.width {
                let share = Float(shares[x, y, 0]) / 255
                // Where there is no error the picture shows through, darkened, so that what is lit is error.
                let below = Color(gray: UInt8(Float(result[x, y, 0]) * 0.6))
                let color = below.mixed(with: colors[share], share: min(1, 0.15 + 1.4 * share))
                result[x, y, 0] = color.red
                result[x, y, 1] = color.green
                result[x, y, 2] = color.blue
            }
        }
        return result
    }
}

/// Colors for numbers from 0 to 1, ever lighter, so that more looks like more, in gray print too.
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
