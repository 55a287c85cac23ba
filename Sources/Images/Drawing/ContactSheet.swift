import Requirements

/// Many pictures on one: a grid of cells, in each a picture or a few that belong together, one above the other.
package struct ContactSheet: Sendable {
    /// Cells side by side; nil for a sheet of about 4:3.
    package var columns: Int?
    /// Pixels between cells and around them.
    package var margin = 8
    /// Pixels between the pictures of one cell.
    package var gap = 2
    package var background = Color(gray: 236)
    /// Pictures whose longer side is less are magnified by a whole factor, their pixels as squares: to see what is
    /// there, and no smoothness that is not.
    package var shortestShown = 84
    /// Larger pictures are made smaller.
    package var longestShown = 192

    package init(columns: Int? = nil) {
        require(columns ?? 1 >= 1, "a sheet of \(columns ?? 1) columns")
        self.columns = columns
    }

    /// A picture in each cell, in order from the top left.
    package func picture(of pictures: [Picture]) -> Picture { picture(stacking: [pictures]) }

    /// Several in each cell: `rows[0][k]` above `rows[1][k]`, and so on: inputs above their reconstructions, say.
    ///
    /// The sheet is gray if all pictures are.
    ///
    /// - Precondition: at least one picture, and all rows equally many.
    package func picture(stacking rows: [[Picture]]) -> Picture {
        let count = rows.first?.count ?? 0
        require(count >= 1, "a contact sheet of no pictures")
        require(rows.allSatisfy { $0.count == count }, "rows of \(rows.map(\.count)) pictures for one sheet")
        let all = rows.flatMap { $0 }
        let box = box(for: all)
        let cell = PictureSize(width: box.width, height: rows.count * (box.height + gap) - gap)
        let across = min(columns ?? columnsForFourByThree(count, of: cell), count)
        let down = (count + across - 1) / across
        var canvas = Canvas(
            width: across * (cell.width + margin) + margin, height: down * (cell.height + margin) + margin,
            background: background)
        for (row, pictures) in rows.enumerated() {
            for (index, picture) in pictures.enumerated() {
                let shown = picture.shown(in: box)
                let left = margin + index % across * (cell.width + margin)
                let top = margin + index / across * (cell.height + margin) + row * (box.height + gap)
                canvas.draw(shown, x: left + (box.width - shown.width) / 2, y: top + (box.height - shown.height) / 2)
            }
        }
        let isGray = all.allSatisfy(\.isGray) && background == Color(gray: background.red)
        return isGray ? canvas.picture.gray : canvas.picture
    }

    /// The size that every picture of the sheet must fit into: room for each as it would be shown alone, so that a very
    /// long one makes no other smaller.
    private func box(for pictures: [Picture]) -> PictureSize {
        let shown = Set(pictures.map(\.size)).map(sizeAlone)
        return PictureSize(width: shown.map(\.width).max() ?? 1, height: shown.map(\.height).max() ?? 1)
    }

    private func sizeAlone(_ size: PictureSize) -> PictureSize {
        let longer = max(size.width, size.height)
        if longer > longestShown {
            return PictureSize(
                width: max(1, size.width * longestShown / longer), height: max(1, size.height * longestShown / longer))
        }
        let factor = max(1, min((shortestShown + longer - 1) / longer, longestShown / longer))
        return PictureSize(width: size.width * factor, height: size.height * factor)
    }

    /// The empty cells of the last row.
    private func emptyCells(_ across: Int, of count: Int) -> Int { (across - count % across) % across }

    private func columnsForFourByThree(_ count: Int, of cell: PictureSize) -> Int {
        let width = cell.width + margin, height = cell.height + margin
        var across = 1
        while across < count && 3 * across * width < 4 * ((count + across - 1) / across) * height { across += 1 }
        // A little narrower or wider where that leaves fewer cells empty.
        let near = max(1, across * 3 / 4)...min(count, max(across, across * 4 / 3))
        return near.min {
            let (a, b) = (emptyCells($0, of: count), emptyCells($1, of: count))
            return a != b ? a < b : abs($0 - across) < abs($1 - across)
        } ?? across
    }
}

extension Picture {
    /// As large as fits into a box: magnified by a whole factor, or made smaller with its shape kept.
    func shown(in box: PictureSize) -> Picture {
        let factor = min(box.width / width, box.height / height)
        if factor >= 1 { return magnified(factor) }
        let fitted = Placement(
            of: size, channels: channels, in: PictureFormat(size: box, channels: channels))
        return resized(width: fitted.width, height: fitted.height)
    }

    /// Every pixel as a square of so many.
    package func magnified(_ factor: Int) -> Picture {
        require(factor >= 1, "a picture cannot be magnified \(factor) times")
        if factor == 1 { return self }
        var magnified: [UInt8] = []
        magnified.reserveCapacity(pixels.count * factor * factor)
        for row in 0..<height * factor {
            for column in 0..<width * factor {
                for channel in 0..<channels { magnified.append(self[column / factor, row / factor, channel]) }
            }
        }
        return Picture(width: width * factor, height: height * factor, channels: channels, pixels: magnified)
    }
}
