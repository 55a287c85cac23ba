import Requirements

/// What a network sees: every picture is fitted into this many pixels of this many channels.
package struct PictureFormat: Hashable, Codable, Sendable, CustomStringConvertible {
    package let width: Int
    package let height: Int
    /// 1 (gray) or 3 (red, green, blue).
    package let channels: Int
    /// What the transparent parts of pictures show.
    package let background: Color

    /// - Precondition: at least one pixel, 1 or 3 channels.
    package init(width: Int, height: Int, channels: Int, background: Color = .white) {
        require(width >= 1 && height >= 1, "a format of \(width) × \(height) pixels")
        require(channels == 1 || channels == 3, "a format has 1 or 3 channels, not \(channels)")
        self.width = width
        self.height = height
        self.channels = channels
        self.background = background
    }

    package init(size: PictureSize, channels: Int, background: Color = .white) {
        self.init(width: size.width, height: size.height, channels: channels, background: background)
    }

    private enum CodingKeys: String, CodingKey { case width, height, channels, background }

    /// A stored format may be damaged.
    package init(from decoder: any Decoder) throws {
        let size = try PictureSize(from: decoder)
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let channels = try values.decode(Int.self, forKey: .channels)
        guard channels == 1 || channels == 3 else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a format of \(channels) channels"))
        }
        let background = try values.decodeIfPresent(String.self, forKey: .background)
        self.init(size: size, channels: channels, background: try background.map(Color.init(parsing:)) ?? .white)
    }

    /// A white background goes without saying.
    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(width, forKey: .width)
        try values.encode(height, forKey: .height)
        try values.encode(channels, forKey: .channels)
        if background != .white { try values.encode(background.name, forKey: .background) }
    }

    package var size: PictureSize { PictureSize(width: width, height: height) }
    package var isGray: Bool { channels == 1 }
    /// Values a picture has: channels · height · width.
    package var count: Int { channels * height * width }

    /// "64×48 color", "28×28 gray over black".
    package var description: String {
        "\(size) \(isGray ? "gray" : "color")" + (background == .white ? "" : " over \(background.name)")
    }
}

extension PictureFormat {
    /// Pictures that all have one size keep it if no side is longer than this.
    package static let longestKeptSide = 128
    /// The longest side that is chosen for pictures of other or of different sizes.
    package static let longestSuggestedSide = 64

    /// A format for pictures of these sizes, when nobody has named one:
    ///
    /// 1. Pictures of one and the same size, no side over 128, keep it, odd and narrow ones too: 28×28, 27×45.
    /// 2. Otherwise the longer side is 64, or, where most pictures are smaller than that, the median of their longer
    ///    sides. The shape is the median of their shapes (width : height), so that half of them are wider. Both sides
    ///    are then moved to the nearest multiple of 8 if that is within a twentieth, or else of 4 if that is within a
    ///    tenth: a network that halves the sides two or three times has no remainder then, and the pictures barely
    ///    notice. Photographs of 4:3 come to 64×48, of 3:2 to 64×44, of 16:9 to 64×36.
    /// 3. Color if any picture has color, else gray.
    ///
    /// - Parameters:
    ///   - sizes: one for each picture, at least one; their order does not matter.
    ///   - longestSide: takes the place of the 64.
    package static func suggested(
        for sizes: [PictureSize], anyColor: Bool, longestSide: Int = longestSuggestedSide
    ) -> PictureFormat {
        require(!sizes.isEmpty, "a format for no pictures")
        let channels = anyColor ? 3 : 1
        if sizes.allSatisfy({ $0 == sizes[0] }) && sizes[0].longerSide <= longestKeptSide {
            return PictureFormat(size: sizes[0], channels: channels)
        }
        let shapes = sizes.sorted {
            ($0.width * $1.height, $0.width, $0.height) < ($1.width * $0.height, $1.width, $1.height)
        }
        let shape = shapes[(shapes.count - 1) / 2]
        let middle = sizes.map(\.longerSide).sorted()[sizes.count / 2]
        let longer = rounded(min(longestSide, middle), to: 1, limit: longestSide)
        let other = min(shape.width, shape.height)
        let shorter = rounded(longer * other, to: shape.longerSide, limit: longer)
        return PictureFormat(
            width: shape.width >= shape.height ? longer : shorter,
            height: shape.width >= shape.height ? shorter : longer, channels: channels)
    }

    /// Why ``suggested(for:anyColor:longestSide:)`` chose this format, for people: "all pictures have this size", or
    /// "the pictures' median shape, longer side 64".
    package func reason(for sizes: [PictureSize]) -> String {
        sizes.allSatisfy { $0 == size }
            ? "all pictures have this size" : "the pictures' median shape, longer side \(size.longerSide)"
    }

    /// numerator / denominator as the nearest multiple of 8 or of 4 where that is near enough, or else as the nearest
    /// whole number; between 1 and the limit.
    private static func rounded(_ numerator: Int, to denominator: Int, limit: Int) -> Int {
        func nearest(_ unit: Int) -> Int {
            (2 * numerator + unit * denominator) / (2 * unit * denominator) * unit
        }
        for (unit, part) in [(8, 20), (4, 10)] {
            let side = nearest(unit)
            if side >= unit && side <= limit && abs(side * denominator - numerator) * part <= numerator { return side }
        }
        return max(1, min(limit, nearest(1)))
    }
}
