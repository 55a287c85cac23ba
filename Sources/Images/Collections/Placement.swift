import Requirements

/// Where a picture lies in a format, and what it was before: enough to bring it back at its own size and mode.
///
/// The whole picture is visible: it is scaled, up or down, until it fills the format along one axis, its shape kept
/// (to the nearest pixel), and is centered along the other. What remains is filled with its outermost pixels, drawn
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

extension PictureFormat {
    /// Fits a picture into the format.
    ///
    /// - Returns: the pixels, planar: [channels, height, width]; and where the picture lies in them.
    package func fit(_ picture: Picture) -> (pixels: [UInt8], placement: Placement) {
        let placement = Placement(of: picture.size, channels: picture.channels, in: self)
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            fit(picture, at: placement, into: buffer)
            initialized = count
        }
        return (pixels, placement)
    }

    /// Fits a picture into memory for `count` bytes.
    func fit(_ picture: Picture, at placement: Placement, into target: UnsafeMutableBufferPointer<UInt8>) {
        let scaled = picture.resized(width: placement.width, height: placement.height)
            .converted(toChannels: channels)
        scaled.pixels.withUnsafeBufferPointer { source in
            var index = 0
            for channel in 0..<channels {
                for row in 0..<height {
                    let sourceRow = min(max(row - placement.y, 0), placement.height - 1) * placement.width
                    for column in 0..<width {
                        let sourceColumn = min(max(column - placement.x, 0), placement.width - 1)
                        target[index] = source[(sourceRow + sourceColumn) * channels + channel]
                        index += 1
                    }
                }
            }
        }
    }
}

extension Picture {
    /// A picture from planar bytes, [channels, height, width].
    package init(planar pixels: some Collection<UInt8>, format: PictureFormat) {
        require(pixels.count == format.count, "\(pixels.count) values for a picture of \(format)")
        self.init(size: format.size, channels: format.channels, planar: pixels)
    }

    /// From planar values, [channels, height, width], 0 black and 1 white: rounded to the nearest of 256 steps; values
    /// outside of 0 ... 1 become the nearer end, and what is not a number becomes 0.
    package init(planar values: some Collection<Float>, format: PictureFormat) {
        require(values.count == format.count, "\(values.count) values for a picture of \(format)")
        self.init(size: format.size, channels: format.channels, planar: values.lazy.map(Picture.byte))
    }

    private init(size: PictureSize, channels: Int, planar values: some Collection<UInt8>) {
        var pixels = [UInt8](repeating: 0, count: values.count)
        var index = 0
        for value in values {
            let (channel, pixel) = index.quotientAndRemainder(dividingBy: size.pixels)
            pixels[pixel * channels + channel] = value
            index += 1
        }
        self.init(width: size.width, height: size.height, channels: channels, pixels: pixels)
    }

    /// The nearest of 256 steps.
    static func byte(_ value: Float) -> UInt8 {
        // Written so that what is not a number fails the first test.
        value > 0 ? UInt8(min(value, 1) * 255 + 0.5) : 0
    }

    /// A rectangle of the picture.
    ///
    /// - Precondition: it is not empty and lies inside.
    package func cropped(x: Int, y: Int, width newWidth: Int, height newHeight: Int) -> Picture {
        require(
            x >= 0 && y >= 0 && newWidth >= 1 && newHeight >= 1 && x + newWidth <= width && y + newHeight <= height,
            "\(newWidth) × \(newHeight) pixels at (\(x), \(y)) do not lie in \(width) × \(height)")
        var cropped: [UInt8] = []
        cropped.reserveCapacity(newWidth * newHeight * channels)
        for row in y..<y + newHeight {
            let first = (row * width + x) * channels
            cropped += pixels[first..<first + newWidth * channels]
        }
        return Picture(width: newWidth, height: newHeight, channels: channels, pixels: cropped)
    }
}

extension Placement {
    /// The picture at the size it had: the filling is cut off and the rest scaled back. One that was gray comes back
    /// gray; one that had color has it if the format has.
    ///
    /// - Parameter values: planar, [channels, height, width] of the format, 0 black and 1 white.
    package func restored(from values: some Collection<Float>, in format: PictureFormat) -> Picture {
        restored(from: Picture(planar: values, format: format))
    }

    /// Brings a picture back at the size it had, as above, from planar bytes [channels, height, width].
    package func restored(from pixels: some Collection<UInt8>, in format: PictureFormat) -> Picture {
        restored(from: Picture(planar: pixels, format: format))
    }

    private func restored(from fitted: Picture) -> Picture {
        let inside = fitted.cropped(x: x, y: y, width: width, height: height)
        return (originalChannels == 1 ? inside.gray : inside)
            .resized(width: original.width, height: original.height)
    }
}
