import Testing
import TextCorpora

/// Where a text may start.
@Suite struct TextStartsTests {
    /// The first units behind all places where the text may start.
    static func starts(_ text: String, unit: TextUnit = .scalar) throws -> [String] {
        let corpus = try TextCorpus(text, unit: unit), starts = TextStarts(corpus, in: 0..<corpus.count)
        var found: [String] = [], position = 0
        while let place = starts.next(from: position) {
            found.append(corpus.text(in: place..<min(corpus.count, place + 4)))
            position = place + 1
        }
        return found
    }

    @Test func paragraphsWhereThereAreBlankLines() throws {
        let text = "One line\nand more\n\nTwo\nand\n\n\nThree\n\nFour\n"
        #expect(try Self.starts(text) == ["Two\n", "Thre", "Four"])
    }

    @Test(arguments: [TextUnit.scalar, .byte, .grapheme]) func linesElse(unit: TextUnit) throws {
        #expect(
            try Self.starts("Anna\nMary\r\nZoé!\n\nIngo\n", unit: unit).map { $0.prefix(3) } == ["Mar", "Zoé", "Ing"])
    }

    @Test func sentencesInOneLine() throws {
        #expect(try Self.starts("It rains. The mill runs! Who hears it? Nobody. So") == ["The ", "Who ", "Nobo", "So"])
        #expect(try Self.starts("织机织布。线在梭中！谁听见？没有人。") == ["线在梭中", "谁听见？", "没有人。"])
    }

    @Test func wordsWithoutSentencesAndAnythingElse() throws {
        #expect(try Self.starts("one two three  four") == ["two ", "thre", "four"])
        #expect(try Self.starts("ACGT") == ["CGT", "GT", "T"])
    }
}
