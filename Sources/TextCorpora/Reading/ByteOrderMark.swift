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
