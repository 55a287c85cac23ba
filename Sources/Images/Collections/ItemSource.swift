import FileTrees

extension ImageCollection.Item {
    /// Where the pixels of a picture come from.
    enum Source: Sendable {
        case file(RawPath)
        case idx(IDXPictures, index: Int)
        case numPy(NumPyPictures, index: Int)
    }

    /// Reads the picture, at its own size.
    public func picture() throws(ImageError) -> Picture {
        switch source {
        case .file(let path): try read(path)
        case .idx(let array, let index): array.images[index]
        case .numPy(let array, let index): try array.picture(index)
        }
    }

    private func read(_ path: RawPath, atLeast size: (width: Int, height: Int)? = nil) throws(ImageError) -> Picture {
        let picture = try PictureFile.read(path, atLeast: size)
        try picture.size.checkSides(path: path.text)
        return picture
    }

    /// Reads and fits the picture into memory for `format.count` bytes.
    ///
    /// A large JPEG is decoded at a fraction of its size that is still at least twice that of its place in the format;
    /// the area filter does the rest.
    func fit(
        into format: PictureFormat, _ pixels: UnsafeMutableBufferPointer<UInt8>
    ) throws(ImageError) -> Placement {
        let placement = Placement(of: size, channels: channels, in: format)
        guard case .file(let path) = source else {
            format.fit(try picture(), at: placement, into: pixels)
            return placement
        }
        let picture = try read(path, atLeast: (2 * placement.width, 2 * placement.height))
        // Another file by now: what is known of it counts.
        let isAnother = picture.width > size.width || picture.height > size.height || picture.channels != channels
        let actual = isAnother ? Placement(of: picture.size, channels: picture.channels, in: format) : placement
        format.fit(picture, at: actual, into: pixels)
        return actual
    }
}
