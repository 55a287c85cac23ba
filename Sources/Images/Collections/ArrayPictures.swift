import FileTrees

/// The pictures of an IDX file, in memory; their items share it.
final class IDXPictures: Sendable {
    let images: IDXImages
    let values: [UInt8]
    /// One for each picture, where a file of labels lies beside this one.
    let labels: [UInt8]?
    /// This file, and that of the labels.
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
