import Requirements

/// Small pictures of one size in one picture, row by row without margins, for whoever shows parts of it.
package struct TileSheet: Sendable {
    /// The size of each.
    package let tile: PictureSize

    /// - Parameters:
    ///   - size: the pictures' size; smaller ones are not magnified.
    ///   - longest: pixels of a tile's longer side, at most.
    package init(of size: PictureSize, longest: Int) {
        require(longest >= 1, "tiles of \(longest) pixels")
        let longer = max(size.width, size.height)
        tile =
            longer <= longest
            ? size
            : PictureSize(
                width: max(1, size.width * longest / longer), height: max(1, size.height * longest / longer))
    }

    /// Tiles in a row: as many as rows, or one more.
    package static func columns(for count: Int) -> Int { (1...max(1, count)).first { $0 * $0 >= count } ?? 1 }

    /// A picture as a tile.
    package func reduced(_ picture: Picture) -> Picture {
        picture.size == tile ? picture : picture.resized(width: tile.width, height: tile.height)
    }

    /// All tiles in their order, black where the last row is not full; gray if all are.
    package func picture(of tiles: [Picture]) -> Picture {
        require(
            !tiles.isEmpty && tiles.allSatisfy { $0.size == tile }, "\(tiles.count) pictures, not all tiles of \(tile)")
        let channels = tiles.allSatisfy(\.isGray) ? 1 : 3, columns = Self.columns(for: tiles.count)
        let rows = (tiles.count + columns - 1) / columns, line = tile.width * channels
        var sheet = Picture(
            width: columns * tile.width, height: rows * tile.height, channels: channels, filledWith: 0)
        for (index, picture) in tiles.enumerated() {
            let pixels = picture.converted(toChannels: channels).pixels
            let corner = (index / columns * tile.height * columns + index % columns) * line
            for row in 0..<tile.height {
                let first = corner + row * columns * line
                sheet.pixels.replaceSubrange(first..<first + line, with: pixels[row * line..<(row + 1) * line])
            }
        }
        return sheet
    }
}
