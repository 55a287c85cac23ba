import FileTrees

/// The pictures of a NumPy file, read when they are asked for.
final class NumPyPictures: Sendable {
    let path: RawPath
    let layout: NumPyLayout
    /// The value that is white: what the type decides, so that the same picture is the same in every file.
    let white: Float
    /// No value comes near white: the pictures are all but black.
    let isDim: Bool
    private let reader: NumPyReader

    /// - Throws: `unsupported` where the shape is none of those that ``NumPyLayout`` reads, where there is no picture, and
    ///   where the values are not between black and white. For types other than uint8 and bool that takes one pass
    ///   through the file.
    init(_ path: RawPath) throws(ImageError) {
        self.path = path
        reader = try NumPyReader(path)
        layout = try NumPyLayout(shape: reader.header.shape, path: path.text)
        guard layout.count > 0 else { throw .unsupported(path: path.text, reason: "it holds no picture") }
        try layout.size.checkSides(path: path.text)
        let range = NumPyRange(reader.header.type)
        white = range.white
        isDim = try range.check(reader)
    }

    /// - Throws: `unsupported` for values that are not numbers; and what reading throws.
    func picture(_ index: Int) throws(ImageError) -> Picture {
        let rows = layout.isOnePicture ? 0..<reader.rowCount : index..<index + 1
        let values = try reader.read(rows: rows)
        if let wrong = values.first(where: { !$0.isFinite }) {
            throw .unsupported(
                path: path.text,
                reason: "picture \(index) holds the value \(wrong): save the array again as numpy.nan_to_num(a)")
        }
        let bytes = values.lazy.map { Picture.byte($0 / self.white) }
        let size = layout.size
        return layout.isPlanar
            ? Picture(planar: Array(bytes), format: PictureFormat(size: size, channels: layout.channels))
            : Picture(width: size.width, height: size.height, channels: layout.channels, pixels: Array(bytes))
    }
}

/// Where the pictures of an array lie, by its shape:
///
///     [height, width]                                        one gray picture
///     [height, width, 3 or 1]                                one picture
///     [count, height, width]                                 gray pictures
///     [count, height, width, 3 or 1], [count, 3 or 1, height, width]
package struct NumPyLayout {
    let count: Int
    let size: PictureSize
    let channels: Int
    /// Whether the channels of a picture lie one after another.
    let isPlanar: Bool
    /// The shape has no count in front.
    let isOnePicture: Bool
    /// Three gray pictures by this table, and perhaps one in color by whoever saved it.
    let mayBeOneInColor: Bool

    package static let shapes =
        "[height, width], [height, width, 3], [count, height, width], [count, height, width, 3], "
        + "[count, 3, height, width], or 1 in place of 3"

    /// - Throws: `unsupported` for any other shape.
    init(shape: [Int], path: String) throws(ImageError) {
        // Three numbers side by side are a color, rather than a picture three pixels wide.
        func isColor(_ size: Int) -> Bool { size == 1 || size == 3 }
        var sides = (height: 0, width: 0)
        var (count, channels, isPlanar, isOnePicture) = (1, 1, true, false)
        switch shape.count {
        case 2: (sides, isOnePicture) = ((shape[0], shape[1]), true)
        case 3 where isColor(shape[2]):
            (sides, channels, isPlanar, isOnePicture) = ((shape[0], shape[1]), shape[2], false, true)
        case 3 where Self.isTransparent(shape): break
        case 3: (sides, count) = ((shape[1], shape[2]), shape[0])
        case 4 where shape[3] == 3 || shape[3] == 1 && !isColor(shape[1]):
            (sides, count, channels, isPlanar) = ((shape[1], shape[2]), shape[0], shape[3], false)
        case 4 where isColor(shape[1]): (sides, count, channels) = ((shape[2], shape[3]), shape[0], shape[1])
        default: break
        }
        guard sides.height > 0 && sides.width > 0 else {
            let advice =
                Self.isTransparent(shape)
                ? ". Of four channels leave the last, transparency, out: a[..., :3]" : ": \(Self.shapes)"
            throw .unsupported(
                path: path, reason: "its shape \(NumPyHeader.text(shape)) is not one that is read" + advice)
        }
        (self.count, self.channels, self.isPlanar, self.isOnePicture) = (count, channels, isPlanar, isOnePicture)
        size = PictureSize(width: sides.width, height: sides.height)
        mayBeOneInColor = shape.count == 3 && shape[0] == 3 && !isOnePicture && min(sides.height, sides.width) >= 8
    }

    /// Four channels at the end: pictures four pixels wide are not to be expected.
    private static func isTransparent(_ shape: [Int]) -> Bool {
        shape.last == 4 && (shape.count == 3 && min(shape[0], shape[1]) >= 8 || shape.count == 4)
    }
}

/// What is black and white in an array of a type, and whether its values keep to that.
struct NumPyRange {
    private let type: NumPyType
    let white: Float

    /// Bytes cannot be out of range: so many of them tell whether all looks black.
    private static let mostBytes = 16 << 20

    init(_ type: NumPyType) {
        self.type = type
        switch (type.kind, type.byteCount) {
        case (.boolean, _), (.float, _): white = 1
        // As in a PNG of 16 bits.
        case (.unsigned, 2): white = 65_535
        case (.unsigned, _), (.signed, _): white = 255
        }
    }

    /// - Returns: whether the largest value is so far from white that all looks black.
    /// - Throws: `unsupported`, with what to do.
    func check(_ reader: NumPyReader) throws(ImageError) -> Bool {
        if type.kind == .boolean { return false }
        var (smallest, largest) = (Float.infinity, -Float.infinity)
        let isByte = type.kind == .unsigned && type.byteCount == 1
        let enough: Float? = isByte ? white / 8 : type.kind == .unsigned && type.byteCount == 2 ? 8192 : nil
        var seen = 0
        try reader.forEachPiece { piece in
            for value in piece where value.isFinite {
                smallest = min(smallest, value)
                largest = max(largest, value)
            }
            seen += piece.count
            // Where no value can be wrong, it is enough to have seen one that is not small, or many that are.
            return enough.map { largest < $0 && !(isByte && seen >= Self.mostBytes) } ?? true
        }
        guard smallest <= largest else { return false }
        // Rounding may miss the ends.
        let slack = type.kind == .float ? white / 510 : 0
        if smallest < -slack || largest > white + slack {
            throw .unsupported(
                path: reader.path,
                reason:
                    "its values go from \(text(smallest)) to \(text(largest)), and pictures of type \(type) go from "
                    + "0 (black) to \(text(white)) (white). Save the array again as "
                    + advice(smallest, largest, isNegative: smallest < -slack))
        }
        if type.kind == .unsigned, type.byteCount == 2, largest > 0, largest <= 255 {
            throw .unsupported(
                path: reader.path,
                reason:
                    "its values go from \(text(smallest)) to \(text(largest)), and white is 65535 in pictures of type "
                    + "uint16, as in a PNG of 16 bits. Save the array again as a.astype(\"uint8\")")
        }
        return largest > 0 && largest < white / 8
    }

    private func advice(_ smallest: Float, _ largest: Float, isNegative: Bool) -> String {
        switch (type.kind == .float, isNegative) {
        case (true, false): "a / \(largest > 128 && largest <= 255 ? "255" : text(largest))"
        case (true, true) where smallest >= -1.01 && largest <= 1.01: "(a + 1) / 2"
        case (true, true): "(a - a.min()) / (a.max() - a.min())"
        case (false, false): "(a * (255.0 / \(text(largest)))).astype(\"uint8\")"
        case (false, true): "((a - a.min()) * (255.0 / (a.max() - a.min()))).astype(\"uint8\")"
        }
    }

    /// Whole numbers without a point.
    private func text(_ value: Float) -> String {
        value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : "\(value)"
    }
}
