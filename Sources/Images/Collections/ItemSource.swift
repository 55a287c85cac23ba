import FileTrees

extension ImageCollection.Item {
    /// Where the pixels of a picture come from.
    enum Source: Sendable {
        case file(RawPath)
        case idx(IDXPictures, index: Int)
        case numPy(NumPyPictures, index: Int)
        case memory(Picture)
    }

    /// Reads the picture, at its own size.
    ///
    /// - Parameter ground: what transparent parts show.
    package func picture(over ground: Color = .white) throws(ImageError) -> Picture {
        switch source {
        case .file(let path): try read(path, over: ground)
        case .idx(let array, let index): array.images[index]
        case .numPy(let array, let index): try array.picture(index)
        case .memory(let picture): picture
        }
    }

    private func read(
        _ path: RawPath, atLeast size: (width: Int, height: Int)? = nil, over ground: Color
    ) throws(ImageError) -> Picture {
        let picture = try PictureFile.read(path, atLeast: size, over: ground)
        try picture.size.checkSides(path: path.text)
        return picture
    }

    /// Reads and fits the picture into memory for `format.count` bytes.
    ///
    /// A JPEG that is much larger than its place in the format is decoded at a half, quarter or eighth of its size,
    /// which takes a fraction of the time; the area filter does the rest.
    func fit(
        into format: PictureFormat, _ pixels: UnsafeMutableBufferPointer<UInt8>
    ) throws(ImageError) -> Placement {
        let placement = Placement(of: size, channels: channels, in: format)
        guard case .file(let path) = source else {
            format.fit(try picture(), at: placement, into: pixels)
            return placement
        }
        let picture = try read(path, atLeast: placement.reducedSize, over: format.background)
        // Another file by now: what is known of it counts.
        let isAnother = picture.width > size.width || picture.height > size.height || picture.channels != channels
        let actual = isAnother ? Placement(of: picture.size, channels: picture.channels, in: format) : placement
        format.fit(picture, at: actual, into: pixels)
        return actual
    }
}

extension Placement {
    /// The decoder's own way of reducing differs from an area mean by several steps of 256 a pixel where little is left
    /// to be averaged after it, or where it is to a size like three eighths; with six pixels for one along each axis the
    /// difference is a fifth of a step on average.
    fileprivate var reducedSize: (width: Int, height: Int)? {
        let parts = [8, 4, 2].first { part in
            original.width / part >= 6 * width && original.height / part >= 6 * height
        }
        return parts.map { ((original.width + $0 - 1) / $0, (original.height + $0 - 1) / $0) }
    }
}

extension PictureBatch {
    /// One picture that is in memory as a PNG or JPEG file, fitted as one of a folder is.
    ///
    /// - Parameters:
    ///   - name: what messages call it.
    ///   - pixelLimit: what the header may claim.
    /// - Returns: the picture also as it was decoded: a large JPEG at a half, quarter or eighth of its size.
    /// - Throws: what a file to be read can have.
    package static func ofFile(
        _ bytes: UnsafeRawBufferPointer, name: String, in format: PictureFormat, pixelLimit: Int
    ) throws(ImageError) -> (batch: PictureBatch, picture: Picture) {
        let header = try PictureFile.header(bytes, name: name)
        guard header.width <= pixelLimit / header.height else {
            throw .tooLarge(path: name, width: header.width, height: header.height, limit: pixelLimit)
        }
        let size = PictureSize(width: header.width, height: header.height)
        try size.checkSides(path: name)
        let placement = Placement(of: size, channels: header.channels, in: format)
        let picture = try PictureFile.read(
            bytes, name: name, atLeast: placement.reducedSize, over: format.background)
        let pixels = [UInt8](unsafeUninitializedCapacity: format.count) { buffer, initialized in
            format.fit(picture, at: placement, into: buffer)
            initialized = format.count
        }
        return (
            PictureBatch(format: format, indices: [0], pixels: pixels, placements: [placement], failures: []), picture
        )
    }
}

/// The pictures of an IDX file, in memory; their items share it.
final class IDXPictures: Sendable {
    let images: IDXImages
    let values: [UInt8]
    /// The label of each picture, where a file of labels lies beside this one; otherwise nil.
    let labels: [UInt8]?
    /// The paths of this file and of the labels'.
    let paths: [RawPath]

    init(_ path: RawPath) throws(ImageError) {
        let file = try IDXFile.read(path)
        values = file.values
        images = try file.images()
        guard images.count > 0 else { throw .unsupported(path: path.text, reason: "it holds no picture") }
        try PictureSize(width: images.width, height: images.height).checkSides(path: path.text)
        if let labelsPath = IDXFile.labelsPath(besideImages: path.text) {
            labels = try IDXFile.read(path: labelsPath).labels(forImages: images.count)
            paths = [path, RawPath(labelsPath)]
        } else {
            labels = nil
            paths = [path]
        }
    }
}
