import Requirements

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
    /// From planar bytes, [channels, height, width].
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
    /// The picture at the size it had: the filling is cut off and the rest scaled back. One that was grey comes back
    /// grey; one that had color has it if the format has.
    ///
    /// - Parameter values: planar, [channels, height, width] of the format, 0 black and 1 white.
    package func restored(from values: some Collection<Float>, in format: PictureFormat) -> Picture {
        restored(from: Picture(planar: values, format: format))
    }

    /// The same from planar bytes.
    package func restored(from pixels: some Collection<UInt8>, in format: PictureFormat) -> Picture {
        restored(from: Picture(planar: pixels, format: format))
    }

    private func restored(from fitted: Picture) -> Picture {
        let inside = fitted.cropped(x: x, y: y, width: width, height: height)
        return (originalChannels == 1 ? inside.grey : inside)
            .resized(width: original.width, height: original.height)
    }
}
