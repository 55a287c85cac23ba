/// The encoding of one file: what its mark says, else what was asked for, else UTF-8. Bytes stay what they are unless a
/// mark or an option says that the file's are others.
struct SourceEncoding {
    let name: String
    let form: TextDecoder.Form
    /// Bytes of the mark, which are not text.
    let markLength: Int

    /// Whether the file says it itself.
    var hasMark: Bool { markLength > 0 }

    /// Characters take a byte or two, and control characters would mean that the file is not text.
    var isSniffable: Bool {
        if case .converted(let converter) = form { converter.smallestUnit == 1 } else { true }
    }

    init(mark: ByteOrderMark?, options: ReadingOptions) throws(TextError) {
        switch (mark, options.encoding) {
        case (.utf8?, nil) where options.unit == .byte, (nil, nil) where options.unit == .byte:
            (name, form, markLength) = ("bytes", .raw, 0)
        case (let mark?, _) where mark != .utf8:
            let converter = try EncodingConverter(encoding: mark.rawValue)
            (name, form, markLength) = (mark.rawValue, .converted(converter), mark.bytes.count)
        case (nil, let encoding?) where !EncodingName.isUTF8(encoding):
            let converter = try EncodingConverter(encoding: encoding)
            (name, form, markLength) = (converter.name, .converted(converter), 0)
        default:
            (name, form, markLength) = ("UTF-8", .utf8, mark?.bytes.count ?? 0)
        }
    }

    /// What makes one doubt, from its beginning, that a text is read as it was written; nil mostly.
    func doubt(of head: [UInt8]) -> String? {
        switch form {
        case .raw: return nil
        case .utf8:
            // Encodings of seven bits look like ASCII.
            let escapes: [(sequence: String, name: String)] = [
                ("\u{1b}$B", "iso-2022-jp"), ("\u{1b}$@", "iso-2022-jp"), ("\u{1b}$)C", "iso-2022-kr"),
            ]
            let text = String(decoding: head, as: UTF8.self)
            return escapes.first { text.contains($0.sequence) }.map {
                "looks like \($0.name), read as UTF-8 all the same: try `encoding` \($0.name)"
            }
        case .converted(let converter):
            guard converter.smallestUnit == 1 else { return nil }
            let counts = head.withUnsafeBufferPointer { UTF8Validation.counts($0) }
            // By chance a few characters may be valid.
            guard counts.characters >= 8, counts.characters >= 4 * counts.invalid else { return nil }
            return "looks like UTF-8, read as \(name) all the same: try `encoding` utf-8"
        }
    }
}

/// The mark U+FEFF at the beginning of a file, which tells its encoding (Unicode Standard, section 23.8).
enum ByteOrderMark: String, CaseIterable {
    // UTF-32LE before UTF-16LE: its mark begins with the other's.
    case utf8 = "UTF-8"
    case utf32LittleEndian = "UTF-32LE"
    case utf32BigEndian = "UTF-32BE"
    case utf16LittleEndian = "UTF-16LE"
    case utf16BigEndian = "UTF-16BE"

    var bytes: [UInt8] {
        switch self {
        case .utf8: [0xef, 0xbb, 0xbf]
        case .utf32LittleEndian: [0xff, 0xfe, 0, 0]
        case .utf32BigEndian: [0, 0, 0xfe, 0xff]
        case .utf16LittleEndian: [0xff, 0xfe]
        case .utf16BigEndian: [0xfe, 0xff]
        }
    }

    init?(startOf head: [UInt8]) {
        guard let found = Self.allCases.first(where: { head.starts(with: $0.bytes) }) else { return nil }
        self = found
    }
}
