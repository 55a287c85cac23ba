import Requirements

/// Width and height in pixels.
package struct PictureSize: Hashable, Codable, Sendable, CustomStringConvertible {
    package let width: Int
    package let height: Int

    /// - Precondition: at least one pixel.
    package init(width: Int, height: Int) {
        require(width >= 1 && height >= 1, "a picture of \(width) × \(height) pixels")
        self.width = width
        self.height = height
    }

    /// Reads `64x48` (width by height; also `64×48`, and `64` for a square).
    ///
    /// - Throws: `ImageError.invalidSize` for anything else, and for sides beyond ``longestTypedSide``.
    package init(parsing text: String) throws(ImageError) {
        let sides = text.split(omittingEmptySubsequences: false) { "xX×".contains($0) }
        let numbers = sides.compactMap { side in side.allSatisfy { $0.isASCII && $0.isNumber } ? Int(side) : nil }
        guard numbers.count == sides.count && numbers.count <= 2,
            numbers.allSatisfy({ (1...Self.longestTypedSide).contains($0) })
        else { throw .invalidSize(text: text, longest: Self.longestTypedSide) }
        self.init(width: numbers[0], height: numbers[numbers.count - 1])
    }

    /// A stored size may be damaged.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let sides = (try values.decode(Int.self, forKey: .width), try values.decode(Int.self, forKey: .height))
        guard min(sides.0, sides.1) >= 1 && max(sides.0, sides.1) <= Picture.longestSide else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a size of \(sides.0) × \(sides.1) pixels"))
        }
        self.init(width: sides.0, height: sides.1)
    }

    /// More than any network here can take.
    package static let longestTypedSide = 4096

    /// - Throws: `tooLarge` for more pixels than are decoded; `unsupported` for a strip that is too long to be resized.
    func checkSides(path: String) throws(ImageError) {
        guard width <= PictureFile.pixelLimit / height else {
            throw .tooLarge(path: path, width: width, height: height, limit: PictureFile.pixelLimit)
        }
        guard longerSide <= Picture.longestSide else {
            throw .unsupported(
                path: path, reason: "it has \(self) pixels, and sides of up to \(Picture.longestSide) are used")
        }
    }

    package var pixels: Int { width * height }
    var longerSide: Int { max(width, height) }

    package var description: String { "\(width)×\(height)" }
}

extension Picture {
    package var size: PictureSize { PictureSize(width: width, height: height) }
}
