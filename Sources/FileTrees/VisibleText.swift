/// Text of any origin made harmless for whoever looks at it. What a terminal would obey, what would turn the order of
/// the characters around it, and bytes that are not UTF-8 are written out instead: `\x1B`, `\u{202E}`, `\xE9`.
///
/// The one piece that does so: everything printed for people goes through it. Data go out as they are, unless they go
/// to a terminal.
package enum VisibleText {
    /// For a message, a name or the cell of a table: line breaks and tabs are written out as well, so that a name cannot
    /// pose as a line of its own.
    package static func line(_ text: String) -> String {
        written(text) { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\t": "\\t"
            case "\r": "\\r"
            default: escaped(scalar)
            }
        }
    }

    /// For text of several lines: line breaks and tabs stay, and so do the marks of direction that Arabic and Hebrew
    /// texts use and that reach no further than the characters beside them.
    package static func block(_ text: String) -> String {
        written(text) { scalar in
            switch scalar {
            case "\n", "\t": nil
            case "\u{200E}", "\u{200F}", "\u{061C}": nil
            default: escaped(scalar)
            }
        }
    }

    /// Whether a scalar may stay in a line as it is.
    package static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        (0x20..<0x7F).contains(scalar.value) || escaped(scalar) == nil
    }

    private static func written(_ text: String, _ replacement: (Unicode.Scalar) -> String?) -> String {
        // Nearly all text is plain.
        guard !text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let replacement = replacement(scalar) {
                result.append(contentsOf: replacement.unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// What is written in place of a scalar; nil for one that may stay.
    private static func escaped(_ scalar: Unicode.Scalar) -> String? {
        if let byte = ByteText.byte(carriedBy: scalar) { return "\\x" + hexadecimal(UInt32(byte)) }
        switch scalar.properties.generalCategory {
        case .control where scalar.isASCII: return "\\x" + hexadecimal(scalar.value)
        case .control, .lineSeparator, .paragraphSeparator: break
        default: guard scalar.properties.isBidiControl else { return nil }
        }
        return "\\u{" + hexadecimal(scalar.value) + "}"
    }

    /// Two digits at least.
    private static func hexadecimal(_ value: UInt32) -> String {
        (value < 16 ? "0" : "") + String(value, radix: 16, uppercase: true)
    }
}
