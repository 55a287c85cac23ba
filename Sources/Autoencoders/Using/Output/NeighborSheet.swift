package import Images

/// A picture and those that are near it: it alone at the left, they in rows beside it.
package enum NeighborSheet {
    private static let across = 8

    /// - Parameter neighbors: nearest first.
    package static func picture(of query: Picture, neighbors: [Picture]) -> Picture {
        var sheet = ContactSheet()
        let blank = Picture(width: 1, height: 1, channels: 1, filledWith: sheet.background.red)
        let across = max(1, min(across, neighbors.count))
        var cells: [Picture] = []
        for (position, neighbor) in neighbors.enumerated() {
            if position % across == 0 { cells += [position == 0 ? sheet.reduced(query) : blank, blank] }
            cells.append(sheet.reduced(neighbor))
        }
        if neighbors.isEmpty { cells = [sheet.reduced(query)] }
        sheet.columns = min(cells.count, across + 2)
        return sheet.picture(of: cells)
    }
}
