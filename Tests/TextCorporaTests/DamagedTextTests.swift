import TestSupport
import TextCorpora
import Testing

/// UTF-8 with a damaged byte is UTF-8: no other encoding is advised, and it can be read when that is asked for.
@Suite struct DamagedTextTests {
    /// Some of many languages, several times over.
    static let texts: [String] =
        ["Czech", "French", "Russian", "Greek", "Hebrew", "Arabic", "Thai", "Japanese", "Chinese"]
        .compactMap { name in Declaration.texts.first { $0.language == name }?.text }
        .map { String(repeating: $0 + "\n", count: 6) } + [String(repeating: "emoji 😀 and ’quotes’.\n", count: 40)]

    @Test(arguments: 0..<10, [0x80, 0x92, 0xe9, 0xff] as [UInt8])
    func oneBadByte(index: Int, bad: UInt8) throws {
        let lines = Self.texts[index].split(separator: "\n", omittingEmptySubsequences: false)
        // In the third line, between its characters.
        let before = Array((lines[0] + "\n" + lines[1] + "\n" + lines[2].prefix(5)).utf8)
        let bytes = before + [bad] + Array(Self.texts[index].utf8.dropFirst(before.count))
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", bytes)
        for chunk in [50, 1 << 18] {
            guard case .invalidByte(let invalid)? = failure([path], ReadingOptions().inChunks(of: chunk)) else {
                Issue.record("was read")
                return
            }
            #expect(invalid.offset == before.count && invalid.byte == bad && invalid.line == 3)
            guard chunk > 50 else { continue }
            #expect(invalid.isCertain && invalid.suggestions.isEmpty)
            #expect(
                invalid.description.contains("UTF-8 with a bad byte") && invalid.description.contains("line 3")
                    && invalid.description.contains("`invalid` replace")
                    && !invalid.description.contains("`encoding`"), "\(invalid)")
        }
    }

    /// Twice as many characters beyond ASCII as bad bytes say that a text is UTF-8.
    @Test(
        arguments: [
            ([[0xc3, 0xa9, 0xff, 0xc3, 0xa8]], true), ([[0x61, 0xff, 0xc3, 0xa9]], false), ([[0x61, 0xff]], false),
            ([[0xc3, 0xa9, 0xff, 0xc3, 0xa8], [0xff, 0xc3, 0xa9]], false),
            ([[0xc3, 0xa9, 0xff, 0xc3, 0xa8], [0xff, 0xc3, 0xa9, 0xc3, 0xa8]], true),
        ] as [([[UInt8]], Bool)])
    func howManyCharactersSayThatATextIsUTF8(parts: [[UInt8]], isNearly: Bool) throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", parts.flatMap { $0 })
        guard case .invalidByte(let invalid)? = failure([path]) else { throw Unread() }
        #expect(invalid.isCertain == isNearly)
    }

    private struct Unread: Error {}

    @Test(arguments: 0..<10)
    func cutInACharacter(index: Int) throws {
        var bytes = Array(Self.texts[index].utf8)
        // The end falls inside the last character beyond ASCII.
        let last = try #require(bytes.lastIndex { $0 >= 0xc0 })
        bytes = Array(bytes[...last])
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", bytes)
        guard case .invalidByte(let invalid)? = failure([path]) else {
            Issue.record("was read")
            return
        }
        #expect(invalid.isCutShort && invalid.offset == last && invalid.isCertain && invalid.suggestions.isEmpty)
        let corpus = try TextCorpus.read([path], options: .init(invalidBytes: .replace))
        #expect(corpus.text == String(decoding: bytes, as: UTF8.self))
        #expect(corpus.report.invalidBytes == 1)
    }

    /// Byte sequences of the Unicode Standard, chapter 3.9, and others; the oracle is the standard library's decoding,
    /// which replaces as the standard advises.
    static let damaged: [[UInt8]] = [
        [0x61, 0xf1, 0x80, 0x80, 0xe1, 0x80, 0xc2, 0x62, 0x80, 0x63, 0x80, 0xbf, 0x64], [0xc0, 0xaf, 0xe0, 0x80, 0xbf],
        [0xed, 0xa0, 0x80, 0xed, 0xbf, 0xbf, 0x41], [0xf4, 0x91, 0x92, 0x93, 0xff, 0x41, 0x80, 0xbf, 0x42],
        [0xe1, 0x80, 0xe2, 0xf0, 0x91, 0x92, 0xf1, 0xbf, 0x41], [0xff], [0x41, 0xe2, 0x82], [0x80, 0x80, 0x80],
        [0x0d, 0xff, 0x0a, 0x0d, 0x0a, 0xfe, 0x0d],
    ]

    @Test(arguments: 0..<9, [1, 2, 3, 5, 64])
    func replacedOrLeftOut(index: Int, chunk: Int) throws {
        let bytes = Self.damaged[index]
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", Array("é".utf8) + bytes)
        var options = ReadingOptions(keepCarriageReturns: true, invalidBytes: .replace).inChunks(of: chunk)
        let replaced = try TextCorpus.read([path], options: options)
        let wanted = String(decoding: Array("é".utf8) + bytes, as: UTF8.self)
        #expect(Array(replaced.text.unicodeScalars) == Array(wanted.unicodeScalars))
        options.invalidBytes = .skip
        let skipped = try TextCorpus.read([path], options: options)
        #expect(Array(skipped.text.unicodeScalars) == wanted.unicodeScalars.filter { $0 != "\u{fffd}" })
        // What is valid is in the text; all else was counted.
        #expect(skipped.report.invalidBytes == 2 + bytes.count - skipped.text.utf8.count)
        #expect(replaced.report.invalidBytes == skipped.report.invalidBytes)
        #expect(replaced.report.notes.contains { $0.contains("U+FFFD") })
    }

    @Test func otherEncodingsToo() throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", EncodingTests.japaneseEUC.prefix(6) + [0xff] + EncodingTests.japaneseEUC)
        let text = String(EncodingTests.japanese.prefix(3))
        for (policy, between) in [(InvalidBytePolicy.replace, "\u{fffd}"), (.skip, "")] {
            let options = ReadingOptions(encoding: "euc-jp", invalidBytes: policy).inChunks(of: 4)
            let corpus = try TextCorpus.read([path], options: options)
            #expect(corpus.text == text + between + EncodingTests.japanese)
            #expect(corpus.report.invalidBytes == 1)
        }
        // Half a surrogate pair of UTF-16: two bytes are passed over, and what follows keeps its place.
        let wide = try scratch.write("wide", [0x41, 0, 0x00, 0xd8, 0x42, 0, 0x0a, 0])
        let options = ReadingOptions(encoding: "utf-16le", invalidBytes: .replace)
        #expect(try TextCorpus.read([wide], options: options).text == "A\u{fffd}B\n")
    }

    /// The same answer for a NUL anywhere, and also where chunks end.
    @Test(arguments: [0, 7, 7999, 8000, 8001, 300_000])
    func nullBytes(place: Int) throws {
        let scratch = try TemporaryFolder()
        var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 300_001)
        for index in stride(from: 50, to: bytes.count, by: 50) { bytes[index] = 10 }
        bytes[place] = 0
        let path = try scratch.write("in/b", bytes)
        try scratch.write("in/a", "first")
        try scratch.write("in/c", "last")
        #expect(
            failure([path]) == .binary(path: path, reason: "byte \(place) is NUL", encodings: [], unitIsFixed: false))
        for unit in TextUnit.allCases {
            let folder = try TextCorpus.read([scratch("in")], options: .init(unit: unit))
            #expect(folder.text == "first\nlast" && folder.report.skippedSummary == "1 binary")
            #expect(folder.fingerprint == (try TextCorpus("first\nlast")).fingerprint)
        }
        let taken = try TextCorpus.read([path], options: .init(unit: .byte))
        #expect(taken.bytes(in: 0..<taken.count) == bytes)
    }

    /// A NUL is a whole unit of zeros, some of which most characters have; and a mark leaves nothing to name.
    @Test(arguments: [("UTF-16LE", 2), ("UTF-16BE", 2), ("UTF-32LE", 4), ("UTF-32BE", 4)], [4, 7, 1 << 18])
    func wideTextWithAMark(encoding: (name: String, width: Int), chunk: Int) throws {
        let scratch = try TemporaryFolder(), options = ReadingOptions().inChunks(of: chunk)
        func error(_ units: [UInt32]) throws -> (path: String, error: TextError) {
            let bytes = ([0xfeff] + units).flatMap { unit in
                let bytes = (0..<encoding.width).map { UInt8(truncatingIfNeeded: unit >> (8 * $0)) }
                return encoding.name.hasSuffix("LE") ? bytes : bytes.reversed()
            }
            let path = try scratch.write("text", bytes)
            return (path, try #require(failure([path], options)))
        }
        let (path, null) = try error("plain Ā\0 words\n".unicodeScalars.map(\.value))
        let reason = "byte \(8 * encoding.width) is NUL"
        #expect(null == .binary(path: path, reason: reason, encodings: nil, unitIsFixed: false))
        #expect(null.description.contains("take such bytes out") && !null.description.contains("`encoding`"), "\(null)")
        // Half a pair.
        let broken = try error([0x61, 0xdc00, 0x62, 10]).error
        #expect(
            broken.description.contains("\(encoding.name) with a bad byte: byte \(2 * encoding.width)"), "\(broken)")
        #expect(broken.description.contains("`invalid` replace") && !broken.description.contains("`encoding`"))
    }

    @Test func wideTextWithoutAMarkIsRecognized() throws {
        let scratch = try TemporaryFolder()
        let bytes = Array("plain words\n".utf16).flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
        let path = try scratch.write("text", bytes)
        let message = try #require(failure([path])).description
        #expect(message.contains("`encoding` utf-16le"), "\(message)")
    }

    @Test(arguments: [1, 2, 3, 7, 1 << 18])
    func marksInsideAreLeftOut(chunk: Int) throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", "\u{feff}one，\n\u{feff}two\u{feff}\u{feff}ﻰ\u{feff}")
        let corpus = try TextCorpus.read([path], options: ReadingOptions().inChunks(of: chunk))
        #expect(corpus.text.unicodeScalars.elementsEqual("one，\ntwoﻰ".unicodeScalars))
        #expect(corpus.report.notes == ["\(path): 4 byte-order marks inside the text, left out"])
        #expect(corpus.fingerprint == (try TextCorpus("one，\ntwoﻰ")).fingerprint)
    }
}
