import Requirements

extension Picture {
    /// Sides beyond this are refused: sums of whole numbers must fit their registers.
    package static let longestSide = 1 << 20

    /// The same picture with other sides. Along an axis that shrinks, an output pixel is the mean of what it covers,
    /// inputs that it covers in part weighted by that part; along one that grows, it is interpolated linearly between
    /// the two nearest middles of pixels; an axis of the same length is left alone.
    ///
    /// The arithmetic is exact, in whole numbers, and each value is rounded once (halves up): the result is the true
    /// mean to the nearest byte, the same on every processor. sRGB values are averaged as they stand, as most tools do.
    ///
    /// Cost: one pass over the picture; 12 megapixels of color to 64×64 take a few milliseconds.
    ///
    /// - Precondition: both sides are between 1 and ``longestSide``.
    package func resized(width newWidth: Int, height newHeight: Int) -> Picture {
        let allowed = 1...Self.longestSide
        require(
            allowed.contains(newWidth) && allowed.contains(newHeight) && allowed.contains(max(width, height)),
            "cannot resize \(width) × \(height) pixels to \(newWidth) × \(newHeight)")
        if newWidth == width && newHeight == height { return self }
        let columns = AxisWeights(from: width, to: newWidth), rows = AxisWeights(from: height, to: newHeight)
        let result = [UInt8](unsafeUninitializedCapacity: newWidth * newHeight * channels) { buffer, initialized in
            initialized = buffer.count
            pixels.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress, let target = buffer.baseAddress else { return }
                var sums = RowSums(length: width * channels)
                for y in 0..<newHeight {
                    sums.add(rows, output: y, from: source)
                    Self.sumColumns(
                        sums.values, columns, scale: UInt64(rows.total), channels: channels,
                        into: target + y * newWidth * channels)
                }
            }
        }
        return Picture(width: newWidth, height: newHeight, channels: channels, pixels: result)
    }

    /// The second half: sums of rows to the bytes of one output row.
    private static func sumColumns(
        _ sums: [UInt32], _ columns: AxisWeights, scale: UInt64, channels: Int, into target: UnsafeMutablePointer<UInt8>
    ) {
        let divisor = UInt64(columns.total) * scale
        sums.withUnsafeBufferPointer { sums in
            columns.weights.withUnsafeBufferPointer { weights in
                for x in 0..<columns.count {
                    let taps = columns.start[x]..<columns.start[x + 1]
                    for channel in 0..<channels {
                        var input = columns.first[x] * channels + channel
                        var sum = divisor / 2
                        for tap in taps {
                            sum &+= UInt64(sums[input]) &* UInt64(weights[tap])
                            input += channels
                        }
                        target[x * channels + channel] = UInt8(truncatingIfNeeded: sum / divisor)
                    }
                }
            }
        }
    }
}
