import TestSupport
import TextCorpora
import Testing

@Suite struct LineEndTests {
    @Test func windowsFile() throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("windows.txt", [0xef, 0xbb, 0xbf] + Array("one\r\ntwo\r\n\r\nthree".utf8))
        let corpus = try TextCorpus.read([path])
        #expect(Array(corpus.text.utf8) == Array("one\ntwo\n\nthree".utf8))
        let kept = try TextCorpus.read([path], options: .init(keepCarriageReturns: true))
        #expect(Array(kept.text.utf8) == Array("one\r\ntwo\r\n\r\nthree".utf8))
        #expect(corpus.fingerprint != kept.fingerprint)
    }

    /// Every chunk size puts a border at every place. CR, CR LF and CR CR LF are line ends; LF CR is two.
    @Test(arguments: 1...12)
    func borders(size: Int) throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("mixed.txt", "a\r\nb\rc\r\r\nd\n\re\r\n\r\n\rf\r\rg\r")
        let corpus = try TextCorpus.read([path], options: ReadingOptions().inChunks(of: size))
        #expect(Array(corpus.text.utf8) == Array("a\nb\nc\nd\n\ne\n\n\nf\n\ng\n".utf8))
        let file = corpus.report.files[0]
        #expect(file.pairedLineEnds == 4 && file.loneLineEnds == 6)
    }

    /// Longer than the chunk, the buffer of line ends, and both.
    @Test(arguments: [16, 5000, 20_000])
    func manyCarriageReturns(count: Int) throws {
        let scratch = try TemporaryFolder()
        let returns = String(repeating: "\r", count: count)
        let options = ReadingOptions().inChunks(of: 7)
        let alone = try TextCorpus.read([scratch.write("alone", "a" + returns)], options: options)
        #expect(alone.text == "a" + String(repeating: "\n", count: count))
        let before = try TextCorpus.read([scratch.write("before", "a" + returns + "\nb")], options: options)
        #expect(Array(before.text.utf8) == Array("a\nb".utf8))
    }

    /// Six notes of a kind are all said; of more five, and how many others there are.
    @Test(arguments: [5, 6, 7, 12]) func ofManyNotesTheFirstAreSaid(count: Int) throws {
        let scratch = try TemporaryFolder()
        for number in 1...count { _ = try scratch.write("in/\(number + 100).txt", "text \(number)\r\n") }
        let notes = try TextCorpus.read([scratch.file("in")]).report.notes
        let more = count > 6 ? ["and \(count - 5) more of the kind"] : []
        #expect(notes.filter { $0.hasSuffix("1 line end of CR LF, read as LF") }.count == (count > 6 ? 5 : count))
        #expect(notes.filter { $0.hasPrefix("and ") } == more && notes.count == min(count, 6))
    }

    @Test(arguments: ["\r", "\r\n", "\r\r\n"])
    func lineEndsAreReported(end: String) throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", ["one", "two", "three", ""].joined(separator: end))
        let corpus = try TextCorpus.read([path])
        #expect(corpus.text == "one\ntwo\nthree\n")
        #expect(corpus.report.notes == ["\(path): 3 line ends of \(end == "\r" ? "CR alone" : "CR LF"), read as LF"])
        let kept = try TextCorpus.read([path], options: .init(keepCarriageReturns: true))
        #expect(kept.bytes(in: 0..<kept.count).count == 14 + 3 * (end.utf8.count - 1) && kept.report.notes.isEmpty)
        let bytes = try TextCorpus.read([path], options: .init(unit: .byte))
        #expect(bytes.bytes(in: 0..<bytes.count) == kept.bytes(in: 0..<kept.count))
    }

    @Test func aCarriageReturnBeforeTheNextFile() throws {
        let scratch = try TemporaryFolder()
        let paths = [try scratch.write("1", "a\r"), try scratch.write("2", "b")]
        #expect(Array(try TextCorpus.read(paths).text.utf8) == Array("a\n\nb".utf8))
        let graphemes = try TextCorpus.read(paths, options: .init(unit: .grapheme, keepCarriageReturns: true))
        #expect(graphemes.count == 4)
    }
}
