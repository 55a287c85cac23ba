import Requirements

/// A picture in memory: 8 bits a channel, rows from the top, pixels interleaved.
///
/// What a file holds beyond that is reduced when it is read: 16 bits are rounded to 8, a palette is looked up,
/// transparent parts are laid over white, the orientation of a camera is applied.
package struct Picture: Sendable, Hashable {
    package let width: Int
    package let height: Int
    /// 1 (gray) or 3 (red, green, blue; sRGB as it stands in the file).
    package let channels: Int
    /// The bytes, [height, width, channels], row-major.
    package var pixels: [UInt8]

    /// - Precondition: at least one pixel, 1 or 3 channels, and as many values as that makes.
    package init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
        require(width >= 1 && height >= 1, "a picture of \(width) × \(height) pixels")
        require(channels == 1 || channels == 3, "a picture has 1 or 3 channels, not \(channels)")
        require(
            pixels.count == width * height * channels,
            "\(pixels.count) values for \(width) × \(height) pixels of \(channels) channels")
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }

    /// A picture of one value everywhere.
    package init(width: Int, height: Int, channels: Int, filledWith value: UInt8) {
        self.init(
            width: width, height: height, channels: channels,
            pixels: [UInt8](repeating: value, count: width * height * channels))
    }

    package subscript(x: Int, y: Int, channel: Int) -> UInt8 {
        get { pixels[(y * width + x) * channels + channel] }
        set { pixels[(y * width + x) * channels + channel] = newValue }
    }
}

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

extension Picture {
    package var isGray: Bool { channels == 1 }

    /// One channel of luma, (299 R + 587 G + 114 B) / 1000 rounded (ITU-R BT.601, as in JPEG); itself if it is gray.
    package var gray: Picture {
        if isGray { return self }
        let gray = [UInt8](unsafeUninitializedCapacity: width * height) { buffer, initialized in
            pixels.withUnsafeBufferPointer { pixels in
                for i in 0..<buffer.count {
                    buffer[i] = Self.luma(red: pixels[3 * i], green: pixels[3 * i + 1], blue: pixels[3 * i + 2])
                }
            }
            initialized = buffer.count
        }
        return Picture(width: width, height: height, channels: 1, pixels: gray)
    }

    /// Three channels, equal where the picture is gray; itself if it has them.
    package var color: Picture {
        if !isGray { return self }
        let color = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, initialized in
            for (i, value) in pixels.enumerated() {
                buffer[3 * i] = value
                buffer[3 * i + 1] = value
                buffer[3 * i + 2] = value
            }
            initialized = buffer.count
        }
        return Picture(width: width, height: height, channels: 3, pixels: color)
    }

    /// ``gray`` or ``color``.
    ///
    /// - Precondition: 1 or 3.
    package func converted(toChannels channels: Int) -> Picture {
        require(channels == 1 || channels == 3, "a picture has 1 or 3 channels, not \(channels)")
        return channels == 1 ? gray : color
    }

    @inline(__always)
    static func luma(red: UInt8, green: UInt8, blue: UInt8) -> UInt8 {
        let sum = 299 * UInt32(red) &+ 587 * UInt32(green) &+ 114 * UInt32(blue) &+ 500
        return UInt8(truncatingIfNeeded: sum / 1000)
    }
}
