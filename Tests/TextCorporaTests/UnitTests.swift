import Digests
import TestSupport
import TextCorpora
import Testing

@Suite struct UnitTests {
    /// Family with zero-width joiners, flags in odd and even runs, combining marks, Hangul by letters, Devanagari
    /// conjuncts, a keycap, CR LF, and plain text of several scripts between them.
    static let hard =
        "ab👩‍👩‍👧‍👦c🇩🇪🇫🇷🇯x e\u{301}\u{323}é\r\n\r\nक्षि가\u{1100}\u{1161}\u{11a8}각\u{11a8}1\u{fe0f}\u{20e3}漢字か\u{3099}。é\u{200d}\u{ad}z👍🏽!"

    /// A mark is shown on a letter, and by number where it would stand on the quotation mark.
    @Test(arguments: [
        ("a", "\"a\""), ("e\u{301}", "\"e\u{301}\""), ("\u{301}", "U+0301"), ("\u{93e}", "U+093E"),
        ("\n", "line feed"), ("\t", "U+0009"), ("\r\n", "U+000D U+000A"), ("a\u{200d}", "U+0061 U+200D"),
        ("\u{e000}", "U+E000"), ("\u{2028}", "U+2028"), (" ", "\" \""), ("\u{a0}", "U+00A0"), ("\u{3000}", "U+3000"),
        ("\u{115f}", "U+115F"),
    ])
    func howAUnitIsShown(unit: String, label: String) {
        #expect(unitLabel(Array(unit.utf8)) == label)
        #expect(unitLabel([0xc3]) == "byte 0xC3" && unitLabel([0x0a, 0xff]) == "byte 0x0A byte 0xFF")
    }

    @Test(arguments: [1, 2, 3, 4, 5, 7, 11, 64, 1 << 20])
    func graphemesAcrossChunks(chunk: Int) throws {
        let scratch = try TemporaryFolder()
        let text = String(repeating: Self.hard, count: 3)
        let path = try scratch.write("text", text)
        let options = ReadingOptions(unit: .grapheme, keepCarriageReturns: true).inChunks(of: chunk)
        let corpus = try TextCorpus.read([path], options: options)
        let units = (0..<corpus.count).map { corpus.bytes(in: $0..<$0 + 1) }
        #expect(units == text.map { Array($0.utf8) })
    }

    /// More of them than two bytes number: letters of every kind under two marks of a hundred.
    @Test func moreGraphemeClustersThanTwoBytesNumber() throws {
        let marks = (0..<100).compactMap { Unicode.Scalar(0x0300 + $0).map(String.init) }
        let letters = (0..<700).compactMap { Unicode.Scalar(0x4E00 + $0).map(String.init) }
        let clusters = letters.flatMap { letter in marks.map { letter + $0 } }
        let corpus = try TextCorpus(clusters.joined() + "ab" + clusters[69_999], unit: .grapheme)
        #expect(corpus.count == 70_003)
        for place in [0, 255, 256, 65_535, 65_536, 69_999] {
            #expect(corpus.text(in: place..<place + 1) == clusters[place])
        }
        #expect(corpus.text(in: 70_000..<70_003) == "ab" + clusters[69_999])
        #expect(corpus.ids[70_002] == corpus.ids[69_999] && corpus.ids[65_536] != corpus.ids[0])
    }

    @Test func unitsAreCountedInWords() {
        #expect(TextUnit.allCases.map { $0.name(count: 1) } == ["character", "byte", "grapheme cluster"])
        #expect(TextUnit.allCases.map { $0.name(count: 2) } == ["characters", "bytes", "grapheme clusters"])
        #expect(TextUnit.allCases.map { $0.name(count: 0) } == ["characters", "bytes", "grapheme clusters"])
    }

    @Test func aClusterLongerThanManyChunks() throws {
        let scratch = try TemporaryFolder()
        let cluster = "a" + String(repeating: "\u{301}", count: 50_000)
        let path = try scratch.write("text", "x" + cluster + "y")
        let corpus = try TextCorpus.read([path], options: ReadingOptions(unit: .grapheme).inChunks(of: 100))
        #expect(corpus.count == 3)
    }

    @Test func canonicalEquivalentsStayDifferent() throws {
        for unit in [TextUnit.scalar, .grapheme] {
            let corpus = try TextCorpus("é e\u{301}", unit: unit)
            let vocabulary = try Vocabulary(counting: corpus)
            #expect(Array(vocabulary.decode(vocabulary.encode("é e\u{301}").ids).utf8) == Array("é e\u{301}".utf8))
        }
        #expect(try TextCorpus("é e\u{301}", unit: .grapheme).unitCounts().count == 3)
    }

    @Test(arguments: [1, 2, 3, 5, 1 << 20])
    func scalarsAndBytesAcrossChunks(chunk: Int) throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", Self.hard)
        for unit in [TextUnit.scalar, .byte] {
            let options = ReadingOptions(unit: unit, keepCarriageReturns: true).inChunks(of: chunk)
            let corpus = try TextCorpus.read([path], options: options)
            #expect(Array(corpus.text.utf8) == Array(Self.hard.utf8))
            #expect(corpus.count == (unit == .byte ? Self.hard.utf8.count : Self.hard.unicodeScalars.count))
            #expect(corpus.fingerprint == Array(Self.hard.utf8).withUnsafeBytes { sha256(of: $0) })
        }
    }

    /// 66,000 different scalars pass through all three widths; what was written before each change must survive it.
    @Test func widths() throws {
        func text(_ count: Int) -> String {
            var text = "start "
            text.unicodeScalars.append(
                contentsOf: (0..<count).map { Unicode.Scalar(UInt32($0 < 0xd000 ? 0x100 + $0 : 0x10000 + $0))! })
            return text + " end"
        }
        // 128 places are left beside ASCII in one byte: 200 units widen on the way and fit one byte at the end.
        for (count, width) in [(100, 1), (200, 1), (300, 2), (60_000, 2), (65_400, 2), (66_000, 4)] {
            let text = text(count)
            let corpus = try TextCorpus(text)
            #expect(corpus.text == text)
            #expect(corpus.memory == corpus.count * width, "\(count) scalars")
            let counts = corpus.unitCounts()
            #expect(counts.count == count + 8)
            #expect(counts.map(\.count).reduce(0, +) == corpus.count)
        }
    }

    @Test func byteCounts() throws {
        let text = Self.hard
        for unit in TextUnit.allCases {
            let corpus = try TextCorpus(text, unit: unit)
            let tokens = try corpus.tokens(using: try Vocabulary(counting: corpus))
            for range in [0..<corpus.count, 0..<0, 3..<4, 2..<19] {
                #expect(corpus.utf8Count(in: range) == corpus.bytes(in: range).count)
                #expect(tokens.utf8Count(in: range) == corpus.bytes(in: range).count)
            }
            #expect(corpus.utf8Count(in: 0..<corpus.count) == text.utf8.count)
        }
    }
}
