import TestSupport
import TextCorpora
import Testing

/// Byte sequences made with Python's codecs.
@Suite struct EncodingTests {
    static let chinese = "天地玄黄，宇宙洪荒。我们在这里"
    static let chineseGB18030: [UInt8] = [
        0xcc, 0xec, 0xb5, 0xd8, 0xd0, 0xfe, 0xbb, 0xc6, 0xa3, 0xac, 0xd3, 0xee, 0xd6, 0xe6, 0xba, 0xe9, 0xbb, 0xc4,
        0xa1, 0xa3, 0xce, 0xd2, 0xc3, 0xc7, 0xd4, 0xda, 0xd5, 0xe2, 0xc0, 0xef,
    ]
    static let japanese = "いろはにほへと。吾輩は猫である。"
    static let japaneseShiftJIS: [UInt8] = [
        0x82, 0xa2, 0x82, 0xeb, 0x82, 0xcd, 0x82, 0xc9, 0x82, 0xd9, 0x82, 0xd6, 0x82, 0xc6, 0x81, 0x42, 0x8c, 0xe1,
        0x94, 0x79, 0x82, 0xcd, 0x94, 0x4c, 0x82, 0xc5, 0x82, 0xa0, 0x82, 0xe9, 0x81, 0x42,
    ]
    static let japaneseEUC: [UInt8] = [
        0xa4, 0xa4, 0xa4, 0xed, 0xa4, 0xcf, 0xa4, 0xcb, 0xa4, 0xdb, 0xa4, 0xd8, 0xa4, 0xc8, 0xa1, 0xa3, 0xb8, 0xe3,
        0xc7, 0xda, 0xa4, 0xcf, 0xc7, 0xad, 0xa4, 0xc7, 0xa4, 0xa2, 0xa4, 0xeb, 0xa1, 0xa3,
    ]
    static let russian = "Все счастливые семьи похожи"
    static let russianWindows: [UInt8] = [
        0xc2, 0xf1, 0xe5, 0x20, 0xf1, 0xf7, 0xe0, 0xf1, 0xf2, 0xeb, 0xe8, 0xe2, 0xfb, 0xe5, 0x20, 0xf1, 0xe5, 0xec,
        0xfc, 0xe8, 0x20, 0xef, 0xee, 0xf5, 0xee, 0xe6, 0xe8,
    ]
    static let french = "L’été à la forêt"
    static let frenchWindows: [UInt8] = [
        0x4c, 0x92, 0xe9, 0x74, 0xe9, 0x20, 0xe0, 0x20, 0x6c, 0x61, 0x20, 0x66, 0x6f, 0x72, 0xea, 0x74,
    ]

    static let samples: [(String, [UInt8], String)] = [
        ("gb18030", chineseGB18030, chinese), ("shift-jis", japaneseShiftJIS, japanese),
        ("euc-jp", japaneseEUC, japanese), ("windows-1251", russianWindows, russian),
        ("windows-1252", frenchWindows, french),
    ]

    @Test(arguments: 0..<5, [1, 2, 3, 7, 1 << 20])
    func named(index: Int, chunk: Int) throws {
        let (encoding, bytes, text) = Self.samples[index]
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", bytes)
        let corpus = try TextCorpus.read([path], options: ReadingOptions(encoding: encoding).inChunks(of: chunk))
        #expect(corpus.text == text)
        #expect(corpus.count == text.unicodeScalars.count)
        #expect(corpus.report.files[0].encoding == encoding)
    }

    /// Three letters of a name are enough to find those that begin so.
    @Test(arguments: [("win", true), ("wi", false), ("windows-12345", true), ("qqqqqqqq", false)])
    func namesLikeOneThatIsNotKnown(name: String, isWindows: Bool) throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", Array("text".utf8))
        guard case .unknownEncoding(name, let suggestions)? = failure([path], ReadingOptions(encoding: name)) else {
            Issue.record("\(name) is known")
            return
        }
        #expect(
            suggestions.contains { $0.hasPrefix("windows-") } == isWindows && suggestions.count <= 4, "\(suggestions)")
    }

    @Test func severalNamesAreJoinedByAnOr() {
        func text(_ names: [String]) -> String { TextError.unknownEncoding(name: "x", suggestions: names).description }
        #expect(!text([]).contains("did you mean") && text(["a"]).contains("did you mean a?"))
        #expect(text(["a", "b"]).contains("did you mean a or b?"))
        #expect(text(["a", "b", "c"]).contains("did you mean a, b or c?"))
    }

    @Test(arguments: 0..<5)
    func invalidUTF8SuggestsTheEncoding(index: Int) throws {
        let (encoding, bytes, _) = Self.samples[index]
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", Array("plain start\n".utf8) + bytes + Array("\nmore\n".utf8))
        guard case .invalidByte(let invalid)? = failure([path]) else {
            Issue.record("\(encoding) was read as UTF-8")
            return
        }
        #expect(invalid.suggestions.first == encoding)
        #expect(invalid.description.contains("`encoding` \(encoding)"))
        #expect(invalid.description.contains(path))
    }

    @Test(arguments: ["UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"], [1, 3, 1 << 20])
    func byteOrderMarks(encoding: String, chunk: Int) throws {
        let text = "\u{feff}Ünï 𝄞 猫\r\nend"
        var bytes: [UInt8] = []
        let units: [UInt32] =
            encoding.hasPrefix("UTF-16") ? text.utf16.map(UInt32.init) : text.unicodeScalars.map(\.value)
        let width = encoding.hasPrefix("UTF-16") ? 2 : 4
        for unit in units {
            let little = (0..<width).map { UInt8(truncatingIfNeeded: unit >> (8 * UInt32($0))) }
            bytes += encoding.hasSuffix("LE") ? little : little.reversed()
        }
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", bytes)
        let corpus = try TextCorpus.read([path], options: ReadingOptions().inChunks(of: chunk))
        #expect(corpus.text == "Ünï 𝄞 猫\nend")
        #expect(corpus.report.files[0].encoding == encoding)
        // The mark wins over the name, and the name without a mark says the byte order.
        #expect(try TextCorpus.read([path], options: .init(encoding: "gbk")).text == corpus.text)
        let bare = try scratch.write("bare", Array(bytes.dropFirst(width)))
        #expect(try TextCorpus.read([bare], options: .init(encoding: encoding.lowercased())).text == corpus.text)
    }

    /// Places and bytes after the examples of the Unicode Standard, chapter 3.9.
    @Test(
        arguments: [
            ([0x61, 0x62, 0xff, 0x63], 2, false), ([0x61, 0xc0, 0xaf], 1, false), ([0xe0, 0x80, 0x80], 0, false),
            ([0x61, 0xed, 0xa0, 0x80], 1, false), ([0xf4, 0x90, 0x80, 0x80], 0, false),
            ([0x61, 0x62, 0xe7, 0x8c], 2, true),
            ([0xc3, 0xa9, 0xc3, 0x28], 2, false), ([0xf0, 0x9f, 0x91, 0x41], 0, false), ([0x61, 0x80], 1, false),
        ] as [([UInt8], Int, Bool)], [1, 2, 3, 64])
    func invalidUTF8(sample: ([UInt8], Int, Bool), chunk: Int) throws {
        let (bytes, offset, isCutShort) = sample
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", bytes)
        guard case .invalidByte(let invalid)? = failure([path], ReadingOptions().inChunks(of: chunk)) else {
            Issue.record("\(bytes) was read")
            return
        }
        #expect(invalid.offset == offset)
        #expect(invalid.byte == bytes[offset])
        #expect(invalid.isCutShort == isCutShort)
        #expect(invalid.path == path)
        #expect(invalid.description.contains("byte \(offset)"))
    }

    @Test func offsetsCountTheMarkAndAllChunks() throws {
        let scratch = try TemporaryFolder()
        let good = [UInt8](repeating: UInt8(ascii: "x"), count: 10_000)
        let path = try scratch.write("text", [0xef, 0xbb, 0xbf] + good + [0xfe] + good)
        guard case .invalidByte(let invalid)? = failure([path], ReadingOptions().inChunks(of: 777)) else {
            Issue.record("was read")
            return
        }
        #expect(invalid.offset == 10_003)
        #expect(invalid.byte == 0xfe)
    }

    @Test func invalidInANamedEncoding() throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", Array(Self.japaneseEUC.prefix(6)) + [0xff] + Array(Self.japaneseEUC))
        guard case .invalidByte(let invalid)? = failure([path], .init(encoding: "euc-jp")) else {
            Issue.record("was read")
            return
        }
        #expect(invalid.offset == 6 && invalid.byte == 0xff && invalid.encoding == "euc-jp")
        let cut = try scratch.write("cut", Array(Self.japaneseEUC.dropLast()))
        guard case .invalidByte(let short)? = failure([cut], .init(encoding: "euc-jp")) else {
            Issue.record("was read")
            return
        }
        #expect(short.isCutShort && short.offset == Self.japaneseEUC.count - 2)
    }

    @Test(arguments: [
        ("gb2132", "gb2312"), ("uft-8", "utf-8"), ("shift-jsi", "shift-jis"), ("win-1252x", "windows-1252"),
        ("utf-61", "utf-16"),
    ])
    func unknownNames(typed: String, meant: String) throws {
        guard case .unknownEncoding(let name, let suggestions)? = failure(["-"], .init(encoding: typed)) else {
            Issue.record("\(typed) is known")
            return
        }
        #expect(name == typed)
        #expect(suggestions.contains(meant), "\(suggestions)")
    }

    @Test(arguments: ["utf-8//IGNORE", "", "gb18030//TRANSLIT", "no such", "é"])
    func namesThatAreRefused(name: String) {
        guard case .unknownEncoding? = failure(["-"], .init(encoding: name)) else {
            Issue.record("\"\(name)\" is known")
            return
        }
    }

    @Test(arguments: ["latin-1", "Shift_JIS", "UTF8", "utf-8-sig", "ansi", "mac-roman", "GB_18030", "big-5"])
    func namesAsPeopleTypeThem(name: String) throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", "plain")
        #expect(try TextCorpus.read([path], options: .init(encoding: name)).text == "plain")
    }
}
