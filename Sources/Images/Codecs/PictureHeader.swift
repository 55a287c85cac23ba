import CCodecs

/// What a file says of its picture before any pixel is decoded.
package struct PictureHeader: Sendable, Hashable {
    /// With the orientation applied, as `PictureFile.read` returns it.
    package var width: Int { orientation.swapsSides ? storedHeight : storedWidth }
    package var height: Int { orientation.swapsSides ? storedWidth : storedHeight }
    /// 1 (grey) or 3: the channels that `PictureFile.read` returns.
    package let channels: Int
    /// In the file: 1, 2, 4, 8 or 16.
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

    /// With what the labels of the whole file say.
    func labelled(_ labels: PNGLabels) -> PictureHeader {
        var header = self
        header.orientation = Orientation(rawValue: labels.orientation) ?? .asStored
        header.isAnimated = labels.isAnimated
        return header
    }
}
