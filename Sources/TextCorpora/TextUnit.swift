/// What one step of a language model reads and writes.
package enum TextUnit: String, Codable, Sendable, CaseIterable {
    /// A Unicode scalar value (a code point). Any text, one id for each scalar; the default.
    case scalar
    /// A byte of the file as it is, or of the text's UTF-8 where the file's encoding is named. At most 256 units.
    case byte
    /// An extended grapheme cluster (Unicode Standard Annex 29): what a reader calls a character. An accented letter
    /// or a family emoji is one unit however many scalars it takes. Canonically equivalent spellings stay different.
    case grapheme

    /// The name in a sentence about `count` of them: "1 character", "3 bytes".
    package func name(count: Int) -> String {
        switch self {
        case .scalar: count == 1 ? "character" : "characters"
        case .byte: count == 1 ? "byte" : "bytes"
        case .grapheme: count == 1 ? "grapheme cluster" : "grapheme clusters"
        }
    }
}
