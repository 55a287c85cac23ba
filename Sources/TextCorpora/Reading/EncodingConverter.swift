import FileTrees

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Turns text in some encoding into UTF-8, piece by piece, through `iconv`.
final class EncodingConverter {
    enum Outcome: Equatable {
        /// All input was converted.
        case done
        /// The output is full.
        case outputFull
        /// A character is cut short by the end of the input.
        case incomplete
        /// The byte at the end of what was consumed is not valid.
        case invalid
    }

    let name: String
    private let handle: iconv_t

    /// An encoding that the system does not know is `TextError.unknownEncoding`.
    init(encoding: String) throws(TextError) {
        // A slash would start iconv's suffixes (//IGNORE, //TRANSLIT), which lose text silently.
        let isName = !encoding.isEmpty && encoding.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }
        if isName {
            for spelling in EncodingName.spellings(of: encoding) {
                guard let opened = iconv_open("UTF-8", spelling), Int(bitPattern: opened) != -1 else { continue }
                name = spelling
                handle = opened
                return
            }
        }
        throw .unknownEncoding(name: encoding, suggestions: EncodingName.suggestions(for: encoding))
    }

    /// Bytes of the smallest piece that can be left out without losing one's place.
    var smallestUnit: Int {
        let plain = EncodingName.plain(name)
        if ["utf16", "ucs2", "unicode"].contains(where: plain.hasPrefix) { return 2 }
        return ["utf32", "ucs4", "iso10646"].contains(where: plain.hasPrefix) ? 4 : 1
    }

    /// Whether a fault shows some bytes after it began, so that its place depends on how much is converted at a time:
    /// UTF-7 spreads a character over bytes of six bits each, and some of those belong to the next one.
    var showsFaultsLate: Bool { EncodingName.plain(name).contains("utf7") }

    deinit {
        iconv_close(handle)
    }

    /// Converts from `input` to `output`, and says how many bytes of each were used.
    func convert(
        _ input: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) -> (outcome: Outcome, consumed: Int, produced: Int) {
        var source = input.baseAddress?.assumingMemoryBound(to: CChar.self)
        var sourceLeft = input.count
        var target = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        var targetLeft = output.count
        let status = iconv(handle, &source, &sourceLeft, &target, &targetLeft)
        let code = errno
        let used = (input.count - sourceLeft, output.count - targetLeft)
        guard status == -1 else { return (.done, used.0, used.1) }
        switch code {
        case E2BIG: return (.outputFull, used.0, used.1)
        case EINVAL: return (.incomplete, used.0, used.1)
        default: return (.invalid, used.0, used.1)
        }
    }

    /// Writes what the converter still holds back at the end of the text (Big5-HKSCS combines characters, say).
    func finish(into output: UnsafeMutableRawBufferPointer) -> Int {
        var target = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        var targetLeft = output.count
        _ = iconv(handle, nil, nil, &target, &targetLeft)
        return output.count - targetLeft
    }
}

/// Names of encodings as people type them.
enum EncodingName {
    /// Names that are offered when one is not known. All are `iconv`'s.
    static let common = [
        "utf-8", "utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be",
        "gb18030", "gbk", "gb2312", "big5", "big5-hkscs", "euc-tw", "hz",
        "shift-jis", "cp932", "euc-jp", "iso-2022-jp", "euc-kr", "cp949", "johab",
        "latin1", "iso-8859-1", "iso-8859-2", "iso-8859-5", "iso-8859-7", "iso-8859-9", "iso-8859-15",
        "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1256",
        "koi8-r", "koi8-u", "cp437", "cp850", "cp866", "macintosh", "tis-620", "viscii", "us-ascii",
    ]

    /// Other people's names for encodings that `iconv` knows under another, without their punctuation.
    private static let aliases: [String: String] = [
        "utf8sig": "utf-8", "utf8bom": "utf-8", "ansi": "windows-1252", "win1250": "windows-1250",
        "win1251": "windows-1251", "win1252": "windows-1252", "latin2": "iso-8859-2", "latin9": "iso-8859-15",
        "macroman": "macintosh", "gb231280": "gb2312", "xsjis": "shift-jis", "ms932": "cp932", "ascii": "us-ascii",
        "xgbk": "gbk", "big5hkscs": "big5-hkscs", "unicode": "utf-16",
    ]

    /// A name without case and punctuation: "Shift_JIS" and "shift-jis" are one.
    static func plain(_ name: String) -> String {
        String(decoding: name.lowercased().utf8.filter { $0.isASCIILetterOrDigit }, as: UTF8.self)
    }

    static func isUTF8(_ name: String) -> Bool {
        ["utf8", "utf8sig", "utf8bom"].contains(plain(name))
    }

    /// The common names under their plain forms. A guess looks up dozens of names for each file.
    private static let commonByPlainName = Dictionary(grouping: common, by: plain)

    /// The spellings to try with `iconv`, in order.
    static func spellings(of name: String) -> [String] {
        let plainName = plain(name)
        return [name] + (aliases[plainName].map { [$0] } ?? []) + (commonByPlainName[plainName] ?? [])
    }

    /// Up to four common names close to one that is not known.
    static func suggestions(for name: String) -> [String] {
        let wanted = Array(plain(name).utf8)
        let spellings =
            common.map { (typed: plain($0), name: $0) }
            + aliases.sorted { $0.key < $1.key }.map { (typed: $0.key, name: $0.value) }
        let scored = spellings.enumerated().map { index, spelling -> (distance: Int, index: Int, name: String) in
            let candidate = Array(spelling.typed.utf8)
            let isPart = wanted.count >= 3 && (candidate.starts(with: wanted) || wanted.starts(with: candidate))
            return (isPart ? 1 : NearNames.distance(wanted, candidate), index, spelling.name)
        }
        let near = scored.filter { $0.distance <= max(2, wanted.count / 3) }
            .sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }
        var names: [String] = []
        for candidate in near where !names.contains(candidate.name) { names.append(candidate.name) }
        return Array(names.prefix(4))
    }
}

extension UInt8 {
    fileprivate var isASCIILetterOrDigit: Bool {
        (0x30...0x39).contains(self) || (0x61...0x7a).contains(self)
    }
}
