import FileTrees
import Foundation
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

/// What can be said of the terminal behind a file descriptor.
package enum Terminal {
    /// Whether lines can be rewritten there.
    package static func isTerminal(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// Columns; nil where there is no terminal, or it does not say.
    package static func width(_ descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Columns that a text takes: two for the wide characters of East Asia and for emoji, none for those that combine.
    package static func columns(_ text: String) -> Int { text.reduce(0) { $0 + columns($1) } }

    /// The beginning of a text that fits.
    package static func prefix(_ text: String, columns limit: Int) -> String {
        var used = 0
        return String(
            text.prefix { character in
                used += columns(character)
                return used <= limit
            })
    }

    /// The rows that a text takes in so many columns, without line ends: broken after the last blank that fits, where one
    /// does, and nothing left out.
    package static func rows(_ text: String, columns limit: Int) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
            var rows: [String] = [], row: [Character] = [], used = 0
            for character in line {
                let width = columns(character)
                if used + width > limit, !row.isEmpty {
                    let end = row.lastIndex(of: " ").map { $0 + 1 } ?? row.count
                    rows.append(String(row[..<end]))
                    row.removeSubrange(..<end)
                    used = row.reduce(0) { $0 + columns($1) }
                }
                row.append(character)
                used += width
            }
            return rows + [String(row)]
        }
    }

    private static func columns(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        guard let scalar = scalars.first else { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        let isEmoji = scalar.properties.isEmojiPresentation || scalars.contains(emojiSelector)
        let isWide = isEmoji || wide.contains { $0.contains(scalar.value) }
        return (isWide ? 2 : 1) + scalars.dropFirst().count(where: halfwidthVoicing.contains)
    }

    /// Asks for the colored picture of what is otherwise a plain sign.
    private static let emojiSelector: Unicode.Scalar = "\u{FE0F}"

    /// Marks of halfwidth kana, which stand in a column of their own.
    private static let halfwidthVoicing: ClosedRange<Unicode.Scalar> = "\u{FF9E}"..."\u{FF9F}"

    /// Unicode Standard Annex 11, the blocks of class W and F, without emoji.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97c, 0xac00...0xd7a3, 0xf900...0xfaff,
        0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18dff, 0x1aff0...0x1b2ff,
        0x1f200...0x1f265, 0x20000...0x3fffd,
    ]
}
