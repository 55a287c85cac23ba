/// What a line means that is typed while a text is written.
///
/// A command is a whole line of one character, nothing before it and nothing after. Every other line is words for the
/// text, exactly as typed, so that no word is ever taken for a command; a line that is a command is written into the text
/// by a quotation mark before it (`"c` writes "c", `""c` writes "\"c").
package enum WritingCommand: Sendable, Equatable {
    /// A digit.
    case take(Int)
    /// An empty line.
    case others
    case undo, longer, shorter, hotter, cooler, lineBreak, save, quit, help
    case words([UInt8])

    private static let quotationMark = UInt8(ascii: "\"")

    package init(_ line: [UInt8]) {
        guard line.count > 1 else {
            self = line.first.map { Self.command($0) ?? .words(line) } ?? .others
            return
        }
        let isQuotedCommand =
            line.dropLast().allSatisfy { $0 == Self.quotationMark } && line.last.flatMap(Self.command) != nil
        self = .words(isQuotedCommand ? Array(line.dropFirst()) : line)
    }

    private static func command(_ key: UInt8) -> WritingCommand? {
        switch key {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): .take(Int(key - UInt8(ascii: "0")))
        case UInt8(ascii: "u"): .undo
        case UInt8(ascii: "+"): .longer
        case UInt8(ascii: "-"): .shorter
        case UInt8(ascii: "h"): .hotter
        case UInt8(ascii: "c"): .cooler
        case UInt8(ascii: "n"): .lineBreak
        case UInt8(ascii: "s"): .save
        case UInt8(ascii: "q"): .quit
        case UInt8(ascii: "?"): .help
        default: nil
        }
    }
}
