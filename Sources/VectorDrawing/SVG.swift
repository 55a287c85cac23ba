import FileTrees

/// Pieces of Scalable Vector Graphics text.
package enum SVG {
    /// A coordinate to a tenth of a pixel; what is no number becomes 0.
    package static func number(_ value: Float) -> String {
        guard value.isFinite, abs(value) < 1e8 else { return "0" }
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let (whole, part) = abs(tenths).quotientAndRemainder(dividingBy: 10)
        return part == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(part)"
    }

    /// Text as content or attribute: XML's own signs are spelled out, and what else a name may hide; characters that XML
    /// does not allow are dropped.
    package static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\t", "\n", "\r": escaped += " "
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: break
            case _ where !VisibleText.isHarmless(scalar): escaped += VisibleText.line(String(scalar))
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
