import Foundation
import TextCorpora

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension FuzzTarget {
    /// The first three bytes choose how the rest is read.
    static let text = FuzzTarget(
        "text",
        "Text in every encoding, and what is guessed of it. What is read does not depend on the size of the pieces; of "
            + "plain UTF-8 it is what stands in the file; a vocabulary gives back what it took",
        words: [
            "\u{feff}", "\r\n", "\\xff\\xfe", "\\xfe\\xff", "\\x00\\x00\\xfe\\xff", "\\x1b$B", "~{", "\\x1f\\x8b\\x08",
        ],
        seeds: {
            let texts = [
                "Ein Satz. Noch einer!\nZwei Zeilen,\r\nund eine dritte\rund viel mehr davon, Wort für Wort.\n\n",
                "A b\u{301}c \u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} d\u{feff}e\n山水画\u{3002}日本語の文。한국어\n",
            ]
            let long = String(repeating: texts[0], count: 12)
            var seeds: [[UInt8]] = []
            for unit in UInt8(0)..<3 { seeds += texts.map { [unit, 0, 0] + Array($0.utf8) } }
            for (index, encoding) in encodings.enumerated() {
                guard let encoding, let name = stringEncodings[encoding],
                    let data = (texts[1] + texts[0]).data(using: name, allowLossyConversion: true)
                else { continue }
                seeds.append([0, UInt8(index), 1] + Array(data))
                // Not named: guessed.
                seeds.append([0, 0, 0] + Array(data))
            }
            return seeds + [[1, 0, 2] + Array(long.utf8)]
        },
        run: { input in
            modulesStayLoaded
            var input = InputReader(input)
            let unit = TextUnit.allCases[input.choice(of: 3)]
            let encoding = encodings[input.choice(of: encodings.count)]
            let choices = Int(input.byte()), content = input.remainder()
            var options = ReadingOptions(
                unit: unit, encoding: encoding, keepCarriageReturns: choices & 1 == 1,
                invalidBytes: InvalidBytePolicy.allCases[choices >> 1 & 3 == 3 ? 0 : choices >> 1 & 3])
            options.largestExpansion = 1 << 20
            options.isStrict = choices & 8 == 8
            options.chunkSize = [7, 64, 1000, 256 << 10][choices >> 4 & 3]
            let path = try ScratchFolder.write(content, "text")
            let corpus = try attempt { try TextCorpus.read([path], options: options) }
            options.chunkSize = [31, 256 << 10][choices >> 6 & 1]
            let again = try attempt { try TextCorpus.read([path], options: options) }
            try demand((corpus == nil) == (again == nil), "read in other pieces, it is and is not refused")
            guard let corpus, let again else { return }
            let bytes = corpus.bytes(in: 0..<corpus.count)
            try demand(
                corpus.fingerprint == again.fingerprint && bytes == again.bytes(in: 0..<again.count)
                    && corpus.count == again.count && corpus.report == again.report,
                "read in other pieces, it is another text")
            try checkPlain(content, bytes, corpus.report, options)
            try use(corpus, choices: choices)
        })

    /// Names of encodings as they are typed; nil: none is.
    private static let encodings: [String?] = [
        nil, "utf-8", "utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "gb18030", "gbk", "big5", "big5-hkscs",
        "euc-tw", "hz", "shift-jis", "cp932", "euc-jp", "iso-2022-jp", "euc-kr", "cp949", "johab", "latin1",
        "iso-8859-7",
        "windows-1251", "windows-1252", "windows-1256", "koi8-r", "cp437", "macintosh", "tis-620", "viscii", "us-ascii",
        "iso-2022-kr", "iso-2022-cn", "utf-7", "ucs-2", "no such encoding", "utf-8//IGNORE", "",
    ]

    /// Keeps a converter of each open: the system would load its module again for every input.
    private static let modulesStayLoaded: Void = {
        for encoding in encodings.compactMap({ $0 }) + EncodingGuess.candidates { _ = iconv_open("UTF-8", encoding) }
    }()

    private static let stringEncodings: [String: String.Encoding] = [
        "utf-16": .utf16, "utf-16le": .utf16LittleEndian, "utf-16be": .utf16BigEndian, "utf-32": .utf32,
        "utf-32le": .utf32LittleEndian, "shift-jis": .shiftJIS, "euc-jp": .japaneseEUC, "iso-2022-jp": .iso2022JP,
        "latin1": .isoLatin1, "windows-1251": .windowsCP1251, "windows-1252": .windowsCP1252, "macintosh": .macOSRoman,
    ]

    /// What is in a file of plain UTF-8 is what is read, line ends aside.
    private static func checkPlain(
        _ content: [UInt8], _ read: [UInt8], _ report: ReadingReport, _ options: ReadingOptions
    ) throws {
        guard options.encoding == nil, let file = report.files.first, file.encoding == "UTF-8", !file.isCompressed,
            file.marksInside == 0, file.invalidBytes == 0, options.unit != .byte
        else { return }
        let marked = content.starts(with: [0xef, 0xbb, 0xbf]) ? Array(content.dropFirst(3)) : content
        try demand(String(validating: marked, as: UTF8.self) != nil, "what is not UTF-8 was read as such")
        guard options.keepCarriageReturns || !content.contains(13) else { return }
        try demand(read == marked, "what was read is not what stands in the file")
    }

    /// All that is done with a text before training.
    private static func use(_ corpus: TextCorpus, choices: Int) throws {
        let rule: HoldOut.Rule? = [nil, .tail, .lines, .spread][choices & 3]
        if let (held, split) = try attempt({
            try corpus.holdOut(rule, validation: .fraction(0.2), test: .fraction(0.1), seed: UInt64(choices))
        }) {
            let arranged = try corpus.arranged(held)
            try demand(
                arranged.count == corpus.count && split.test.upperBound <= corpus.count
                    && arranged.bytes(in: 0..<arranged.count).sorted() == corpus.bytes(in: 0..<corpus.count).sorted(),
                "holding out changes the text")
            let starts = TextStarts(arranged, in: split.training)
            if let start = starts.next(from: split.training.count / 2) {
                try demand(split.training.contains(start), "a text starts outside of its part")
            }
        }
        guard
            let vocabulary = try attempt({
                try Vocabulary(
                    counting: corpus, minimumCount: choices & 1 == 1 ? 2 : nil, replacement: choices & 2 == 2)
            })
        else { return }
        let tokens = try corpus.tokens(using: vocabulary), ids = tokens.ids(in: 0..<tokens.count)
        try demand(tokens.count == corpus.count, "\(tokens.count) ids of \(corpus.count) units")
        let bytes = corpus.bytes(in: 0..<corpus.count)
        if !ids.contains(where: { $0 == vocabulary.replacementId }) {
            try demand(ids.flatMap(vocabulary.bytes) == bytes, "ids are not those of the text")
            let encoded = vocabulary.encode(bytes)
            // Between files, and where bytes were left out, clusters may end that a text alone would join.
            if vocabulary.unit != .grapheme {
                try demand(encoded.ids == ids && encoded.unknown.isEmpty, "a text is encoded in two ways")
            }
        }
        try VocabularyChecks.check(vocabulary)
    }
}
