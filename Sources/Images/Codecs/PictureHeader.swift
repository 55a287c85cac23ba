import CCodecs

/// What a file says of its picture before any pixel is decoded.
package struct PictureHeader: Sendable, Hashable {
    /// Pixels of a row, with the orientation applied, as `PictureFile.read` returns the picture.
    package var width: Int { orientation.swapsSides ? storedHeight : storedWidth }
    package var height: Int { orientation.swapsSides ? storedWidth : storedHeight }
    /// 1 (gray) or 3: the channels that `PictureFile.read` returns.
    package let channels: Int
    /// Bits of each channel in the file: 1, 2, 4, 8 or 16.
    package let bitsPerChannel: Int

    /// Some pixels may be transparent, and show what the picture is laid over.
    package let hasTransparency: Bool
    /// More pictures follow the one that is read.
    package private(set) var isAnimated = false

    private(set) var orientation: Orientation
    private let storedWidth: Int
    private let storedHeight: Int

    /// Checks all that a header can be checked for.
    ///
    /// - Parameters:
    ///   - error: what the library said, if it was not content.
    ///   - fileSize: bytes of the whole file, where known.
    /// - Throws: `tooLarge` also where the header is damaged after the size; `truncated` where the file is too short for
    ///   what its header promises, so that nothing is allocated on the word of a header alone.
    init(
        _ header: jacquard_picture_header, error: ImageError?, path: String, fileSize: Int?
    ) throws(ImageError) {
        (storedWidth, storedHeight) = (Int(header.width), Int(header.height))
        guard storedWidth * storedHeight <= PictureFile.pixelLimit else {
            throw .tooLarge(path: path, width: storedWidth, height: storedHeight, limit: PictureFile.pixelLimit)
        }
        if let error { throw error }
        if let fileSize, fileSize < header.least_bytes {
            throw .truncated(
                path: path, reason: "\(fileSize) bytes cannot hold \(storedWidth) × \(storedHeight) pixels")
        }
        orientation = Orientation(rawValue: header.orientation) ?? .asStored
        channels = Int(header.channels)
        bitsPerChannel = Int(header.depth)
        hasTransparency = header.has_transparency != 0
    }

    /// The header with the orientation and animation that the labels of the whole file state.
    func labeled(_ labels: PNGLabels) -> PictureHeader {
        var header = self
        header.orientation = Orientation(rawValue: labels.orientation) ?? .asStored
        header.isAnimated = labels.isAnimated
        return header
    }
}

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
