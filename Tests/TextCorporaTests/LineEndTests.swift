import TextCorpora
import Testing

@Suite struct LineEndTests {
    @Test func windowsFile() throws {
        let scratch = try Scratch()
        let path = try scratch.write("windows.txt", [0xef, 0xbb, 0xbf] + Array("one\r\ntwo\r\n\r\nthree".utf8))
        let corpus = try TextCorpus.read([path])
        #expect(Array(corpus.text.utf8) == Array("one\ntwo\n\nthree".utf8))
        let kept = try TextCorpus.read([path], options: .init(keepCarriageReturns: true))
        #expect(Array(kept.text.utf8) == Array("one\r\ntwo\r\n\r\nthree".utf8))
        #expect(corpus.fingerprint != kept.fingerprint)
    }

    /// Every chunk size puts a border at every place: pairs are cut, and a lone CR is held back and given out.
    @Test(arguments: 1...12)
    func borders(size: Int) throws {
        let scratch = try Scratch()
        let path = try scratch.write("mixed.txt", "a\r\nb\rc\r\r\nd\n\re\r\n\r\n\rf\r")
        let corpus = try TextCorpus.read([path], options: ReadingOptions().inChunks(of: size))
        #expect(Array(corpus.text.utf8) == Array("a\nb\rc\r\nd\n\re\n\n\rf\r".utf8))
    }

    @Test func loneCarriageReturnBeforeTheNextFile() throws {
        let scratch = try Scratch()
        let paths = [try scratch.write("1", "a\r"), try scratch.write("2", "b")]
        #expect(Array(try TextCorpus.read(paths).text.utf8) == Array("a\r\nb".utf8))
        let graphemes = try TextCorpus.read(paths, options: .init(unit: .grapheme))
        #expect(graphemes.count == 4)
    }
}
