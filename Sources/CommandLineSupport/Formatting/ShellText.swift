/// Commands that a user can copy and paste.
public enum ShellText {
    /// In single quotes if a shell would take it for something else.
    public static func quoted(_ text: String) -> String {
        let harmless = "0123456789-_./:,=+@%".unicodeScalars
        let plain = text.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || harmless.contains($0) }
        return plain && !text.isEmpty ? text : "'" + text.replacing("'", with: #"'\''"#) + "'"
    }
}
