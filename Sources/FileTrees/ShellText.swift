/// Commands that a user can copy and paste.
package enum ShellText {
    /// In quotes if a shell would take it for something else. What cannot be shown as it is, control characters and bytes
    /// that are not UTF-8, is written as `$'caf\351.txt'`, which bash, zsh and ksh read.
    package static func quoted(_ text: String) -> String {
        guard text.unicodeScalars.allSatisfy(VisibleText.isHarmless) else { return escaped(text) }
        let harmless = "0123456789-_./:,=+@%".unicodeScalars
        let plain = text.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || harmless.contains($0) }
        return plain && !text.isEmpty ? text : "'" + text.replacing("'", with: #"'\''"#) + "'"
    }

    private static func escaped(_ text: String) -> String {
        let parts = text.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "'", "\\": "\\\(scalar)"
            default:
                VisibleText.isHarmless(scalar)
                    ? String(scalar) : ByteText.bytes(String(scalar)).map(octal).joined()
            }
        }
        return "$'" + parts.joined() + "'"
    }

    /// Three digits: a digit behind them is not taken for one of theirs.
    private static func octal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 8)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
