/// What a character is to someone who looks whether a text makes sense.
struct CharacterKind: Equatable {
    enum Sort: UInt8 {
        case lowercase, uppercase
        /// A letter of an alphabet without capitals, or a sign for a word or syllable.
        case otherLetter
        case mark, digit, space
        /// Quotes, dashes and the like, as writing programs set them.
        case typographic
        /// Joins letters within a word: an apostrophe, a middle dot, a hyphen.
        case joiner
        /// Lines and blocks of which screens of text are drawn.
        case drawing
        case symbol, control
    }

    enum Script: UInt8 { case none, latin, greek, cyrillic, hebrew, arabic, thai, han, kana, hangul, other }

    let sort: Sort
    let script: Script

    init(_ scalar: Unicode.Scalar) {
        let sort = Self.sort(scalar)
        self.sort = sort
        script = [.lowercase, .uppercase, .otherLetter].contains(sort) ? Self.script(scalar.value) : .none
    }

    var isLetter: Bool { sort == .lowercase || sort == .uppercase || sort == .otherLetter }

    private static func sort(_ scalar: Unicode.Scalar) -> Sort {
        switch scalar {
        case "\t", "\n", "\r", "\u{b}", "\u{c}": return .space
        case "\u{7}", "\u{8}", "\u{1b}": return .symbol
        case "’", "'", "·", "\u{ad}", "-", "ª", "º", "_", "\u{200c}", "\u{200d}": return .joiner
        case "‘", "“", "”", "„", "‚", "«", "»", "‹", "›", "–", "—", "…", "¿", "¡", "•": return .typographic
        default: break
        }
        if (0x2500...0x259f).contains(scalar.value) { return .drawing }
        switch scalar.properties.generalCategory {
        case .lowercaseLetter: return .lowercase
        case .uppercaseLetter, .titlecaseLetter: return .uppercase
        case .otherLetter, .modifierLetter: return .otherLetter
        case .nonspacingMark, .spacingMark, .enclosingMark: return .mark
        case .decimalNumber: return .digit
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: return .space
        case .control, .unassigned, .privateUse, .surrogate: return .control
        default: return .symbol
        }
    }

    private static func script(_ value: UInt32) -> Script {
        switch value {
        case 0..<0x250, 0x1e00..<0x1f00: .latin
        case 0x370..<0x400, 0x1f00..<0x2000: .greek
        case 0x400..<0x530: .cyrillic
        case 0x590..<0x600: .hebrew
        case 0x600..<0x780: .arabic
        case 0xe00..<0xe80: .thai
        case 0x3040..<0x3100: .kana
        case 0x1100..<0x1200, 0x3130..<0x3190, 0xac00..<0xd7b0: .hangul
        case 0x3400..<0xa000, 0xf900..<0xfb00, 0x20000..<0x30000: .han
        default: .other
        }
    }
}
