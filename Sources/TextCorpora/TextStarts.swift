/// Where in a text a text may start: behind a blank line where there are paragraphs, else at a line's start, else at a
/// sentence's start, else at a word's, else anywhere.
///
/// Which of them is decided by what occurs in pieces of up to 128 Ki units together, so that a text of gigabytes costs no
/// more than a short one.
package struct TextStarts: Sendable {
    private enum Mark {
        case paragraph, line, sentence, word, anywhere
    }
    /// What a unit tells about where a text may start.
    private enum Role: UInt8 {
        case other, newline, space, sentenceEnd
        /// A mark that ends a sentence and that no space follows, as in Chinese and Japanese.
        case fullStop
    }

    /// Units that end a line.
    package static let lineEnds = ["\n", "\r\n", "\u{2028}", "\u{2029}"]

    private let corpus: TextCorpus
    private let range: Range<Int>
    /// The role of each unit, by its provisional id.
    private let roles: [Role]
    private let mark: Mark

    package init(_ corpus: TextCorpus, in range: Range<Int>) {
        self.corpus = corpus
        self.range = range
        roles = (0..<corpus.table.count).map { Self.role(of: corpus.table[$0]) }
        mark = Self.mark(of: corpus, range, roles)
    }

    /// The first place at or after `position` where a text may start, if there is one within the next 4,096 units: the
    /// index of the text's first unit.
    package func next(from position: Int) -> Int? {
        let first = max(position, range.lowerBound + 1), last = min(first + 4096, range.upperBound)
        guard first < last else { return nil }
        return (first..<last).first { isStart($0) }
    }

    private func role(_ position: Int) -> Role {
        position >= range.lowerBound ? roles[corpus.ids[position]] : .newline
    }

    private func isStart(_ position: Int) -> Bool {
        let here = role(position), before = role(position - 1)
        switch mark {
        case .anywhere: return true
        case .word: return before == .space && here != .space
        case .sentence:
            guard here != .space, here != .newline else { return false }
            return before == .fullStop || (before == .space && role(position - 2) == .sentenceEnd)
        case .line: return before == .newline && here != .newline
        case .paragraph: return before == .newline && role(position - 2) == .newline && here != .newline
        }
    }

    /// A mark has to occur three times, or it is no habit of the text; blank lines also once in fifty lines.
    private static func mark(of corpus: TextCorpus, _ range: Range<Int>, _ roles: [Role]) -> Mark {
        var lines = 0, paragraphs = 0, sentences = 0, words = 0
        for piece in corpus.spreadPieces(of: range) {
            var before = Role.other, last = Role.other
            for position in piece {
                let here = roles[corpus.ids[position]]
                if here == .newline { last == .newline ? (paragraphs += 1) : (lines += 1) }
                if here == .fullStop || (here == .space && last == .sentenceEnd) { sentences += 1 }
                if here == .space, last != .space, before != .space { words += 1 }
                (before, last) = (last, here)
            }
        }
        if paragraphs >= 3, paragraphs * 50 >= lines { return .paragraph }
        if lines >= 3 { return .line }
        if sentences >= 3 { return .sentence }
        return words >= 3 ? .word : .anywhere
    }

    private static func role(of unit: ArraySlice<UInt8>) -> Role {
        switch String(decoding: unit, as: UTF8.self) {
        case let text where lineEnds.contains(text): .newline
        case " ", "\t", "\u{a0}", "\u{3000}": .space
        case ".", "!", "?", "…", "\u{964}", "\u{61f}", "\u{6d4}", "\u{589}": .sentenceEnd
        case "。", "！", "？", "．": .fullStop
        default: .other
        }
    }
}
