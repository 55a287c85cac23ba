import FileTrees

/// The pictures of an IDX file, in memory; their items share it.
final class IDXPictures: Sendable {
    let images: IDXImages
    let values: [UInt8]
    /// One for each picture, where a file of labels lies beside this one.
    let labels: [UInt8]?

    init(_ path: RawPath) throws(ImageError) {
        let file = try IDXFile.read(path)
        values = file.values
        images = try file.images()
        if images.count > 0 {
            try PictureSize(width: images.width, height: images.height).checkSides(path: path.text)
        }
        if let labelsPath = IDXFile.labelsPath(besideImages: path.text) {
            labels = try IDXFile.read(path: labelsPath).labels(forImages: images.count)
        } else {
            labels = nil
        }
    }
}

/// The pictures of a NumPy file, read when they are asked for.
final class NumPyPictures: Sendable {
    let path: RawPath
    let count: Int
    let size: PictureSize
    let channels: Int
    /// Whether the channels of a picture lie one after another.
    private let isPlanar: Bool
    private let reader: NumPyReader

    /// - Throws: `unsupported` where the shape is none of [N, H, W], [N, H, W, 1 or 3] and [N, 1 or 3, H, W], and where
    ///   the first picture holds values out of range.
    init(_ path: RawPath) throws(ImageError) {
        self.path = path
        reader = try NumPyReader(path)
        let shape = reader.header.shape
        let sides: (height: Int, width: Int)
        switch shape.count {
        case 3: (sides, channels, isPlanar) = ((shape[1], shape[2]), 1, true)
        // Three numbers side by side are a color, rather than a picture three pixels wide.
        case 4 where shape[3] == 3 || shape[3] == 1 && shape[1] != 1 && shape[1] != 3:
            (sides, channels, isPlanar) = ((shape[1], shape[2]), shape[3], false)
        case 4 where shape[1] == 1 || shape[1] == 3:
            (sides, channels, isPlanar) = ((shape[2], shape[3]), shape[1], true)
        default:
            (sides, channels, isPlanar) = ((0, 0), 1, true)
        }
        guard sides.height > 0 && sides.width > 0 else {
            throw .unsupported(
                path: path.text,
                reason: "its shape \(shape) is not that of pictures: [count, height, width], "
                    + "with 1 or 3 channels at the end or after the count")
        }
        count = shape[0]
        size = PictureSize(width: sides.width, height: sides.height)
        try size.checkSides(path: path.text)
        if count > 0 { _ = try picture(0) }
    }

    /// - Throws: `unsupported` for values out of range: 0 to 255 for integers, 0 to 1 for floats, which may miss that by
    ///   rounding; and what reading throws.
    func picture(_ index: Int) throws(ImageError) -> Picture {
        let values = try reader.read(rows: index..<index + 1)
        let kind = reader.header.type.kind
        let white: Float = kind == .signed || kind == .unsigned ? 255 : 1
        let slack = white / 510
        if let wrong = values.first(where: { !($0 >= -slack && $0 <= white + slack) }) {
            throw .unsupported(
                path: path.text,
                reason: "picture \(index) holds the value \(wrong), and pictures of type \(reader.header.type) "
                    + "go from 0 (black) to \(white == 1 ? "1" : "255") (white)"
                    + (wrong > 1 && white == 1 ? ": divide them by 255, or save them as uint8" : ""))
        }
        let bytes = values.lazy.map { Picture.byte($0 / white) }
        return isPlanar
            ? Picture(planar: Array(bytes), format: PictureFormat(size: size, channels: channels))
            : Picture(width: size.width, height: size.height, channels: channels, pixels: Array(bytes))
    }
}
