/// Where a picture lies in a format, and what it was before: enough to bring it back at its own size and mode.
///
/// The whole picture is visible: it is scaled, up or down, until it fills the format along one axis, its shape kept
/// (to the nearest pixel), and is centred along the other. What remains is filled with its outermost pixels, drawn
/// out (edge replication, as in PyTorch's `padding_mode="replicate"`). Filling with one color would put two long
/// straight edges into every picture of another shape; an autoencoder would have to spend code and capacity on where
/// they are, and would be rewarded for drawing them well. Drawn-out edges add nothing new: what the filters see there
/// continues what they saw inside, and no second picture has to be told from the first. Scores should leave the filling
/// out all the same: ``mask(in:)`` says which pixels are the picture's own.
package struct Placement: Hashable, Codable, Sendable {
    /// The picture before it was fitted.
    package let original: PictureSize
    /// 1 or 3: the channels it had.
    package let originalChannels: Int
    /// The rectangle it fills, in pixels of the format, from the top left.
    package let x: Int
    package let y: Int
    package let width: Int
    package let height: Int

    /// Fits a picture of this size into a format.
    package init(of original: PictureSize, channels: Int, in format: PictureFormat) {
        self.original = original
        originalChannels = channels
        // Which axis binds, without rounding: width / format.width against height / format.height.
        if original.width * format.height >= original.height * format.width {
            width = format.width
            height = Self.scaled(original.height, by: format.width, over: original.width, limit: format.height)
        } else {
            width = Self.scaled(original.width, by: format.height, over: original.height, limit: format.width)
            height = format.height
        }
        x = (format.width - width) / 2
        y = (format.height - height) / 2
    }

    /// The picture fills the format and is not scaled: for pictures that come from a network alone.
    package init(filling format: PictureFormat) {
        self.init(of: format.size, channels: format.channels, in: format)
    }

    private static func scaled(_ side: Int, by numerator: Int, over denominator: Int, limit: Int) -> Int {
        max(1, min(limit, (2 * side * numerator + denominator) / (2 * denominator)))
    }

    /// [height, width] of the format, row-major: 1 where the picture lies, 0 in the filling around it.
    package func mask(in format: PictureFormat) -> [Float] {
        var mask = [Float](repeating: 0, count: format.width * format.height)
        for row in y..<y + height {
            for column in x..<x + width { mask[row * format.width + column] = 1 }
        }
        return mask
    }
}
