import TestSupport
import TextCorpora
import Testing

/// Files that people take for text are named, with what to do.
@Suite struct FormatTests {
    static let formats: [(name: String, head: [UInt8], message: [String])] = [
        ("essay.docx", [0x50, 0x4b, 3, 4, 20, 0] + Array("[Content_Types].xml".utf8), ["word processor", "pandoc"]),
        ("essay.odt", [0x50, 0x4b, 3, 4] + Array("mimetypeapplication/vnd.oasis.opendocument.text".utf8), ["pandoc"]),
        ("book.epub", [0x50, 0x4b, 3, 4] + Array("mimetypeapplication/epub+zip".utf8), ["EPUB", "pandoc"]),
        ("texts.zip", [0x50, 0x4b, 3, 4, 20, 0] + Array("a.txt".utf8), ["zip archive", "unzip -p"]),
        ("text.xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4], ["xz", "xz -dc"]),
        ("text.bz2", Array("BZh91AY&SY".utf8) + [0xe8, 0x5c, 0x41, 0x42, 0, 0, 9], ["bzip2 -dc"]),
        ("text.zst", [0x28, 0xb5, 0x2f, 0xfd, 4], ["zstd -dc"]),
        (
            "texts.tar", Array("a.txt".utf8) + [UInt8](repeating: 0, count: 252) + Array("ustar\u{0}00".utf8),
            ["tar -xOf"]
        ),
        (
            "paper.pdf", Array("%PDF-1.4\n%".utf8) + [0xe2, 0xe3, 0xcf, 0xd3] + Array("\ntext".utf8),
            ["PDF", "pdftotext"]
        ),
        ("old.doc", [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], ["Office"]),
        ("letter.rtf", Array("{\\rtf1\\ansi text}".utf8), ["RTF", "pandoc"]),
        ("dot.gif", Array("GIF89a".utf8) + [64, 1, 44, 1, 0x91, 65, 66], ["picture"]),
        ("song.mp3", Array("ID3".utf8) + [4, 0, 64, 65, 66, 67, 68], ["sound"]),
        ("song.ogg", Array("OggS".utf8) + [0, 2, 65, 66], ["sound"]),
        ("song.flac", Array("fLaC".utf8) + [0x80, 65, 66, 34], ["sound"]),
        ("song.wav", Array("RIFFABCDWAVEfmt ".utf8) + [16, 0, 0, 0], ["sound"]),
        ("store.sqlite", Array("SQLite format 3\u{0}".utf8), ["SQLite database"]),
    ]

    @Test(arguments: 0..<17)
    func theFormatIsNamed(index: Int) throws {
        let (name, head, message) = Self.formats[index]
        let scratch = try TemporaryFolder()
        let path = try scratch.write("in/" + name, head)
        let text = try #require(failure([path])).description
        for part in [path] + message { #expect(text.contains(part), "\(text)") }
        #expect(!text.contains("`encoding`"))
        // The same inside gzip, as `tar` makes it.
        #expect(failure([try scratch.write("packed.gz", gzip(head))])?.description.contains(message[0]) == true)
        try scratch.write("in/z", "text")
        let folder = try TextCorpus.read([scratch("in")]).report
        #expect(folder.skippedSummary == "1 binary" && folder.notes.count == 1)
        // Whoever asks for bytes has them, and is told what they are.
        let bytes = try TextCorpus.read([path], options: .init(unit: .byte))
        #expect(bytes.bytes(in: 0..<bytes.count) == head)
        #expect(bytes.report.notes.count == 1 && bytes.report.notes[0].contains("taken byte by byte"))
    }

    @Test func ordinaryTextIsNoFormat() throws {
        let scratch = try TemporaryFolder()
        for text in [
            "PK", "BZh is a name", "BZh91AY&SY is how a file begins", "% PDF-", "{rtf}", "Rar!", "<html>", "%!", "ID 3",
            "ID3",
            "ID3\n\nof all tags", "ID3 tags are the names of songs", "GIF", "GIF8", "GIF89a\nis a format", "OggS",
            "OggS is one",
            "fLaC", "fLaC é", "RIFF vs WAVE: both", String(repeating: "a", count: 257) + "ustar",
        ] {
            #expect(try TextCorpus.read([scratch.write("text", text)]).text == text)
        }
    }

    /// Two hundred times its size and more is no text: what is read until then is bounded.
    @Test func compressedDataThatExpandWithoutEnd() throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("bomb.gz", gzip([UInt8](repeating: UInt8(ascii: "a"), count: 4 << 20)))
        var options = ReadingOptions()
        options.largestExpansion = 1 << 20
        guard case .expandsTooFar(path, let decoded, let compressed)? = failure([path], options) else {
            Issue.record("was read")
            return
        }
        #expect(decoded > 1 << 20 && decoded < 2 << 20 && compressed < 8000)
        // As large, but text.
        let text = Array((0..<200_000).map { "line \($0 &* 7919 % 100_003) of a text\n" }.joined().utf8)
        #expect(text.count > 3 << 20)
        #expect(try TextCorpus.read([scratch.write("text.gz", gzip(text))], options: options).count == text.count)
    }
}
