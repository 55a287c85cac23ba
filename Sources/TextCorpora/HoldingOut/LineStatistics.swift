/// Whether a text is a list: short lines that each stand for themselves, as names, sentences or records do.
///
/// Verse has short lines too, and wrapped prose: but some of their lines end with a mark and others in the middle of a
/// sentence. In a list nearly all lines end with the mark of a sentence's end, or nearly none with any mark; and there are
/// no blank lines.
struct LineStatistics {
    private var lines = 0
    private var blank = 0
    private var long = 0
    /// Lines that end as sentences do.
    private var ended = 0
    /// Lines that end with any mark.
    private var marked = 0

    private static let leastLines = 40
    private static let longLine = 250

    private enum Role {
        case other, newline, space, sentenceEnd, mark
    }

    /// Looks at 128 Ki units at most.
    init(_ corpus: TextCorpus) {
        let roles = (0..<corpus.table.count).map { Self.role(of: corpus.table[$0]) }
        for piece in corpus.spreadPieces(of: 0..<corpus.count) {
            var length = piece.lowerBound == 0 ? 0 : nil as Int?
            var last = Role.other
            for position in piece {
                let role = roles[corpus.ids[position]]
                if role == .newline {
                    if let length { count(length, endingWith: last) }
                    (length, last) = (0, .other)
                } else if role != .space {
                    length = length.map { $0 + 1 }
                    last = role
                } else if let known = length, known > 0 {
                    length = known + 1
                }
            }
        }
    }

    private mutating func count(_ length: Int, endingWith role: Role) {
        guard length > 0 else { return blank += 1 }
        lines += 1
        if length > Self.longLine { long += 1 }
        if role == .sentenceEnd { ended += 1 }
        if role == .sentenceEnd || role == .mark { marked += 1 }
    }

    var isList: Bool {
        guard lines >= Self.leastLines, blank * 100 <= lines, long * 50 <= lines else { return false }
        return ended * 20 >= lines * 19 || marked * 20 <= lines
    }

    private static func role(of unit: ArraySlice<UInt8>) -> Role {
        switch String(decoding: unit, as: UTF8.self) {
        case "\n", "\r\n": .newline
        case " ", "\t", "\r", "\u{a0}", "\u{3000}": .space
        case ".", "!", "?", "…", "\u{964}", "\u{61f}", "\u{6d4}", "\u{589}", "。", "！", "？", "．": .sentenceEnd
        case ",", ";", ":", "-", "–", "—", "{", "}", "(", ")", "，", "；", "：", "、", "\u{60c}", "\u{61b}": .mark
        default: .other
        }
    }
}

extension TextCorpus {
    /// A range itself, or, if it is longer than 128 Ki units, 64 spread pieces of 2,048 units.
    func spreadPieces(of range: Range<Int>) -> [Range<Int>] {
        let length = 2048, count = 64
        guard range.count > length * count else { return [range] }
        return (0..<count).map { index in
            let start = range.lowerBound + (range.count - length) * index / (count - 1)
            return start..<start + length
        }
    }
}
