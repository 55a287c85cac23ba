/// How the stored rows lie in the picture: the EXIF tag Orientation (Exif 2.32, section 4.6.4).
enum Orientation: UInt32, Sendable, Hashable {
    case asStored = 1
    case mirrored, turnedHalf, upsideDown
    /// From here on rows become columns.
    case transposed, turnedRight, transposedAcross, turnedLeft

    var swapsSides: Bool { rawValue >= 5 }

    /// The picture as it is meant to be seen.
    func applied(to stored: consuming Picture) -> Picture {
        guard self != .asStored else { return stored }
        let (storedWidth, storedHeight, channels) = (stored.width, stored.height, stored.channels)
        let (width, height) = swapsSides ? (storedHeight, storedWidth) : (storedWidth, storedHeight)
        // Where the first pixel of the result lies in the stored rows, and how far from one to the next.
        let lastColumn = storedWidth - 1
        let lastRow = (storedHeight - 1) * storedWidth
        let (start, right, down) =
            switch self {
            case .asStored: (0, 1, storedWidth)
            case .mirrored: (lastColumn, -1, storedWidth)
            case .turnedHalf: (lastRow + lastColumn, -1, -storedWidth)
            case .upsideDown: (lastRow, 1, -storedWidth)
            case .transposed: (0, storedWidth, 1)
            case .turnedRight: (lastRow, -storedWidth, 1)
            case .transposedAcross: (lastRow + lastColumn, -storedWidth, -1)
            case .turnedLeft: (lastColumn, storedWidth, -1)
            }
        let count = width * height * channels
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
            stored.pixels.withUnsafeBufferPointer { source in
                // In squares, so that both the rows read and the columns written stay in the cache.
                let side = 32
                for top in stride(from: 0, to: height, by: side) {
                    for left in stride(from: 0, to: width, by: side) {
                        for y in top..<min(top + side, height) {
                            for x in left..<min(left + side, width) {
                                let from = (start + x * right + y * down) * channels
                                let to = (y * width + x) * channels
                                for channel in 0..<channels { target[to + channel] = source[from + channel] }
                            }
                        }
                    }
                }
            }
            initialized = count
        }
        return Picture(width: width, height: height, channels: channels, pixels: pixels)
    }
}
