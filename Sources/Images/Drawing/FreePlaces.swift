/// Which squares of the sheet have a thumbnail: they must not hide each other.
struct FreePlaces {
    let side: Int
    private var taken: [Cell: [(x: Float, y: Float)]] = [:]

    private struct Cell: Hashable {
        let column: Int
        let row: Int
    }

    init(side: Int) { self.side = side }

    /// Takes the square around a point, unless it meets one that is taken.
    mutating func take(x: Float, y: Float) -> Bool {
        let size = Float(side)
        let column = Int(x / size), row = Int(y / size)
        for neighborColumn in column - 1...column + 1 {
            for neighborRow in row - 1...row + 1 {
                let others = taken[Cell(column: neighborColumn, row: neighborRow)] ?? []
                if others.contains(where: { abs($0.x - x) < size && abs($0.y - y) < size }) { return false }
            }
        }
        taken[Cell(column: column, row: row), default: []].append((x, y))
        return true
    }
}
