import ByteStreams
package import FileTrees

/// Reads PNG and JPEG files, told apart by their content.
///
/// PNG: every color type and depth, interlaced or not; 16 bits are rounded to 8, transparent parts are laid over a
/// ground, white unless another is asked for. JPEG: gray, YCbCr, RGB, CMYK and YCCK, baseline and progressive. A gray
/// file becomes a picture of 1 channel, any other one of 3. The orientation that EXIF or XMP labels state is applied,
/// wherever in the file they stand. Color profiles and gamma are not.
///
/// Only the first picture of an animation is read. What a decoder would make up for missing or damaged data is never
/// returned: the whole picture, or an error.
package enum PictureFile {
    /// Pixels above which a picture is refused, by its header: 2^28, above the 200 million of the largest photographs
    /// that phones and cameras take, and 800 MB when decoded. A few kilobytes can claim billions.
    package static let pixelLimit = 1 << 28

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - size: a size that is enough. A JPEG is then decoded at an eighth, a quarter or a half of its size, the
    ///     smallest that is at least as wide and as high: in half the time, and a fraction of the memory. Anything else
    ///     comes back at its own size. Nil: at its own size.
    ///   - ground: what transparent parts show; of a gray picture its luma.
    /// - Throws: every case of `ImageError` that a file to be read can have.
    package static func read(
        path: String, atLeast size: (width: Int, height: Int)? = nil, over ground: Color = .white
    ) throws(ImageError) -> Picture {
        try read(RawPath(path), atLeast: size, over: ground)
    }

    package static func read(
        _ path: RawPath, atLeast size: (width: Int, height: Int)? = nil, over ground: Color = .white
    ) throws(ImageError) -> Picture {
        let file = try InputFile<ImageError>(path)
        var bytes = FileBytes()
        // So that a film of many gigabytes is refused at once.
        try bytes.extend(to: headLength, from: file)
        _ = try recognized(bytes.view, name: file.path)
        try bytes.extendToEnd(of: file)
        return try read(bytes.view, name: file.path, atLeast: size, over: ground)
    }

    /// Reads a file that is in memory.
    ///
    /// - Parameter name: what messages call it.
    package static func read(
        _ bytes: UnsafeRawBufferPointer, name: String, atLeast size: (width: Int, height: Int)? = nil,
        over ground: Color = .white
    ) throws(ImageError) -> Picture {
        switch try recognized(bytes, name: name) {
        case .png: try PNGDecoder.decode(bytes, name: name, atLeast: size, over: ground)
        case .jpeg: try JPEGDecoder.decode(bytes, name: name, atLeast: size, over: ground)
        }
    }

    /// Reads the header alone: a few kilobytes of the file, and of a PNG file a few bytes of each chunk.
    package static func header(path: String) throws(ImageError) -> PictureHeader { try header(RawPath(path)) }

    package static func header(_ path: RawPath) throws(ImageError) -> PictureHeader {
        let file = try InputFile<ImageError>(path)
        var bytes = FileBytes()
        var length = headLength
        while true {
            try bytes.extend(to: length, from: file)
            let size = bytes.hasMore ? file.size : bytes.view.count
            do throws(ImageError) {
                let header = try header(bytes.view, name: file.path, fileSize: size)
                guard bytes.hasMore, file.size != nil, try recognized(bytes.view, name: file.path) == .png else {
                    return header
                }
                return header.labeled(try PNGLabels { (range) throws(ImageError) in try file.bytes(range) })
            } catch {
                // Large labels ahead of the pixels.
                guard case .truncated = error, bytes.hasMore, length < FileBytes.limit else { throw error }
                length *= 4
            }
        }
    }

    /// The header of a file that is in memory.
    package static func header(_ bytes: UnsafeRawBufferPointer, name: String) throws(ImageError) -> PictureHeader {
        try header(bytes, name: name, fileSize: bytes.count)
    }

    private static let headLength = 1 << 16

    private enum Format { case png, jpeg }

    private static func recognized(_ bytes: UnsafeRawBufferPointer, name: String) throws(ImageError) -> Format {
        switch ContentKind(head: UnsafeRawBufferPointer(rebasing: bytes.prefix(ContentKind.headLength))) {
        case .png: return .png
        case .jpeg: return .jpeg
        case .unread(let kind):
            throw .unsupported(path: name, reason: kind.reason)
        case let kind:
            throw .notAPicture(path: name, reason: "it is \(kind)")
        }
    }

    private static func header(
        _ bytes: UnsafeRawBufferPointer, name: String, fileSize: Int?
    ) throws(ImageError) -> PictureHeader {
        switch try recognized(bytes, name: name) {
        case .png: try PNGDecoder.opened(bytes, name: name).header(name: name, fileSize: fileSize)
        case .jpeg: try JPEGDecoder.opened(bytes, name: name).header(name: name, fileSize: fileSize)
        }
    }
}
