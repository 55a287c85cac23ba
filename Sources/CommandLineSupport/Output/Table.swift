import FileTrees
import Requirements

/// Columns of text, aligned: names to the left, numbers to the right.
package struct Table: Sendable {
    package enum Alignment: Sendable { case left, right }

    package var columns: [(title: String, alignment: Alignment)]
    package private(set) var rows: [[String]] = []

    package init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

    package mutating func add(_ row: [String]) {
        require(row.count == columns.count, "a row of \(row.count) cells in \(columns.count) columns")
        // As they will be shown, so that columns are as wide.
        rows.append(row.map(VisibleText.line))
    }

    /// Lines without line ends, titles first; no blanks at their ends.
    package var lines: [String] {
        let all = [columns.map(\.title)] + rows
        let widths = columns.indices.map { column in all.map { Terminal.columns($0[column]) }.max() ?? 0 }
        return all.map { row in
            let cells = row.indices.map { column in
                let fill = String(repeating: " ", count: widths[column] - Terminal.columns(row[column]))
                return columns[column].alignment == .left ? row[column] + fill : fill + row[column]
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
