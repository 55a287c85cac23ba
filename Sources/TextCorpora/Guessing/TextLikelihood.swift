import TensorCore

/// How probable it is that people wrote a text, in nats below certainty: the smaller, the more sense the reading makes.
///
/// Every character costs what its frequency in the language says; where it stands costs more if nobody writes so: a
/// capital after a small letter, two alphabets in one word, a symbol between letters, a control character. The language
/// is the one that makes the text cheapest. The numbers are rounded logarithms of how often such things happen.
enum TextLikelihood {
    private static let ascii = 3.5
    private static let typographic = 4.0
    private static let drawing = 8.0
    private static let otherLetterOfScript = 9.0
    private static let otherCharacter = 10.0
    private static let control = 15.0

    /// - Parameter kinds: of characters met before; it grows.
    static func cost(
        of scalars: some Collection<Unicode.Scalar>, kinds: inout [Unicode.Scalar: CharacterKind]
    ) -> Double {
        var context = ContextCost()
        var counts: [Unicode.Scalar: Int] = [:]
        for scalar in scalars {
            let kind = kinds[scalar] ?? CharacterKind(scalar)
            kinds[scalar] = kind
            context.add(scalar, kind)
            counts[scalar, default: 0] += 1
        }
        var folded: [Unicode.Scalar: (count: Int, kind: CharacterKind)] = [:]
        var common = context.total
        for (scalar, count) in counts {
            guard let kind = kinds[scalar] else { continue }
            if kind.sort == .control {
                common += Double(count) * control
            } else if scalar.isASCII {
                common += Double(count) * ascii
            } else {
                folded[lowercased(scalar, kind), default: (0, kind)].count += count
            }
        }
        // In whole thousandths, so that the sum does not depend on the order of a dictionary.
        let best = LetterFrequencies.shares.map { shares in
            folded.reduce(0) { sum, entry in
                sum + entry.value.count * Int(1000 * cost(of: entry.key, entry.value.kind, shares))
            }
        }.min()
        return common + Double(best ?? 0) / 1000
    }

    private static func cost(
        of scalar: Unicode.Scalar, _ kind: CharacterKind, _ shares: [Unicode.Scalar: Double]
    ) -> Double {
        if let share = shares[scalar], share > 0 { return -DeterministicMath.log(0.93 * share) }
        switch kind.sort {
        case .typographic, .joiner, .space: return typographic
        case .drawing: return drawing
        case .lowercase, .uppercase, .otherLetter: return otherLetterOfScript
        default: return otherCharacter
        }
    }

    private static func lowercased(_ scalar: Unicode.Scalar, _ kind: CharacterKind) -> Unicode.Scalar {
        guard kind.sort == .uppercase else { return scalar }
        let small = scalar.properties.lowercaseMapping.unicodeScalars
        return small.count == 1 ? small.first ?? scalar : scalar
    }
}

/// The cost in nats of the places of characters: a capital behind a small letter, say.
private struct ContextCost {
    private(set) var total = 0.0
    private var previous: (scalar: Unicode.Scalar, kind: CharacterKind) = (" ", CharacterKind(" "))
    private var beforePrevious = CharacterKind(" ")

    mutating func add(_ scalar: Unicode.Scalar, _ kind: CharacterKind) {
        total += cost(of: scalar, kind)
        beforePrevious = previous.kind
        previous = (scalar, kind)
    }

    private func cost(of scalar: Unicode.Scalar, _ kind: CharacterKind) -> Double {
        let before = previous.kind
        if kind.isLetter {
            // A symbol within a word: known when the letter after it comes.
            let isForeign = before.sort == .symbol || before.sort == .typographic || before.sort == .drawing
            let within = isForeign && !previous.scalar.isASCII && beforePrevious.isLetter ? 4.0 : 0
            guard before.isLetter else { return within + (kind.sort == .uppercase ? 1.5 : 0) }
            let isMixed = kind.script != before.script && !Self.isOneWriting(kind.script, before.script)
            return (isMixed ? 5 : 0) + (kind.sort == .uppercase ? before.sort == .lowercase ? 5 : 1 : 0)
        }
        switch kind.sort {
        case .mark: return before.isLetter || before.sort == .mark ? 0 : 4
        case .drawing:
            if previous.scalar == scalar { return -6 }
            return before.sort == .space || before.sort == .drawing ? -2 : 4
        default:
            let opens = Self.opening.contains(scalar) && before.sort == .space
            let closes = Self.closing.contains(scalar) && before.sort != .space
            return opens || closes ? -1.5 : 0
        }
    }

    private static let opening: Set<Unicode.Scalar> = ["“", "‘", "«", "„", "‚", "‹", "¿", "¡"]
    private static let closing: Set<Unicode.Scalar> = ["”", "’", "»", "›", "…"]

    /// Japanese mixes two; Chinese and Korean stand beside Latin letters.
    private static func isOneWriting(_ one: CharacterKind.Script, _ other: CharacterKind.Script) -> Bool {
        eastern.contains(one) && eastern.contains(other)
    }

    private static let eastern: Set<CharacterKind.Script> = [.han, .kana, .hangul, .latin]
}

/// The sort and script of a character, by which one sees whether a text makes sense.
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
