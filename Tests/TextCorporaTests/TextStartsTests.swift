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

    /// Three blank lines are a habit where there is one for fifty lines at least; three of anything else are too.
    @Test func howOftenAMarkHasToOccur() throws {
        func first(_ text: String) throws -> String? { try Self.starts(text).first }
        let lines = { (count: Int) in (0..<count).map { "l\($0 % 10).\n" }.joined() }
        let blocks = { (count: Int, more: Int) in
            String(repeating: lines(10) + "\n", count: count) + "end\n" + lines(more)
        }
        // Ends of lines that are not blank: thirty, one, and those of the rest.
        #expect(try first(blocks(3, 119)) == "l0.\n" && Self.starts(blocks(3, 119)).count == 3)
        #expect(try Self.starts(blocks(3, 120)).count > 100)
        #expect(try first(blocks(2, 0)) == "l1.\n")
        #expect(try first("a b\nc d\ne f\ng h") == "c d\n" && first("a b\nc d\ne f") != "c d\n")
        #expect(try Self.starts("Ab c. De f. Gh i. Jk").count == 3 && Self.starts("Ab c. De f. Gh").count != 2)
        #expect(try Self.starts("ab cd ef gh").count == 3 && Self.starts("ab cd ef").count == 7)
    }

    @Test func sentencesInOneLine() throws {
        #expect(try Self.starts("It rains. The mill runs! Who hears it? Nobody. So") == ["The ", "Who ", "Nobo", "So"])
        #expect(try Self.starts("织机织布。线在梭中！谁听见？没有人。") == ["线在梭中", "谁听见？", "没有人。"])
    }

    /// Where words are long, 4,096 units are looked at and no more.
    @Test func howFarItIsLookedFor() throws {
        let text = "ab cd ef " + String(repeating: "g", count: 5000) + " h", corpus = try TextCorpus(text)
        let starts = TextStarts(corpus, in: 0..<corpus.count)
        #expect(starts.next(from: 5010 - 4095) == 5010)
        #expect(starts.next(from: 5010 - 4096) == nil)
    }

    @Test func wordsWithoutSentencesAndAnythingElse() throws {
        #expect(try Self.starts("one two three  four") == ["two ", "thre", "four"])
        #expect(try Self.starts("ACGT") == ["CGT", "GT", "T"])
    }
}
