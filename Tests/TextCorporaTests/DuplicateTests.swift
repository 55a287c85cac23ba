import Foundation
import TestSupport
import TextCorpora
import Testing

/// The same text reached by several ways is read once, so that none of it is held out and trained on.
@Suite struct DuplicateTests {
    @Test(arguments: TextUnit.allCases)
    func linksCopiesAndOtherForms(unit: TextUnit) throws {
        let scratch = try TemporaryFolder()
        let text = "Ünï, the same words\n"
        let path = try scratch.write("in/a.txt", text)
        symlink("a.txt", scratch("in/b-link.txt"))
        link(path, scratch("in/c-hard-link.txt"))
        try scratch.write("in/d-copy.txt", text)
        try scratch.write("in/e.gz", gzip(Array(text.utf8)))
        try scratch.write("in/f-other.txt", "Ünï, the same wordz\n")
        var duplicates = 4
        if unit != .byte {
            try scratch.write(
                "in/g-wide.txt", [0xff, 0xfe] + text.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] })
            try scratch.write("in/h-windows.txt", text.replacingOccurrences(of: "\n", with: "\r\n"))
            duplicates += 2
        }
        let corpus = try TextCorpus.read([scratch("in")], options: .init(unit: unit).inChunks(of: 9))
        #expect(corpus.text == text + "\nÜnï, the same wordz\n")
        #expect(corpus.fingerprint == (try TextCorpus(corpus.text)).fingerprint)
        #expect(corpus.report.skippedSummary == "\(duplicates) duplicate")
        #expect(corpus.report.notes.contains("left out: \(scratch("in/d-copy.txt")): the same text as \(path)"))
        let alone = try TextCorpus.read([path, path, scratch("in")], options: .init(unit: unit))
        #expect(alone.fingerprint == corpus.fingerprint && alone.report.files.count == 2)
    }

    /// A folder of nothing but copies is no error where their text was read from elsewhere.
    @Test func aFolderOfCopies() throws {
        let scratch = try TemporaryFolder()
        let first = try scratch.write("a", "text")
        try scratch.write("in/b", "text")
        #expect(try TextCorpus.read([first, scratch("in")]).text == "text")
    }

    /// Texts that differ in one unit anywhere are both read, however many are of one length.
    @Test func nearlyEqualTextsAreNotTheSame() throws {
        let scratch = try TemporaryFolder()
        for place in 0..<100 {
            var text = [UInt8](repeating: UInt8(ascii: "a"), count: 100)
            text[place] = UInt8(ascii: "b")
            try scratch.write("in/\(place)", text)
        }
        #expect(try TextCorpus.read([scratch("in")]).report.files.count == 100)
    }

    @Test func nothingIsLeftOutUnderStrict() throws {
        let scratch = try TemporaryFolder()
        let first = try scratch.write("in/a", "text")
        try scratch.write("in/.hidden", "hidden files do not count")
        var options = ReadingOptions()
        options.isStrict = true
        #expect(try TextCorpus.read([scratch("in")], options: options).text == "text")
        #expect(
            failure([first, first], options) == .leftOut(path: first, reason: "duplicate: the same text as \(first)"))
        for (name, bytes, reason) in [
            ("empty", [], "empty"), ("binary", [1, 0, 1], "binary"),
            ("archive", [0x50, 0x4b, 3, 4, 0], "binary: a zip archive"),
        ] as [(String, [UInt8], String)] {
            let path = try scratch.write("in/\(name)", bytes)
            #expect(failure([scratch("in")], options) == .leftOut(path: path, reason: reason))
            try FileManager.default.removeItem(atPath: path)
        }
    }
}
