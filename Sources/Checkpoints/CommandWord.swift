import Foundation

/// A word of a command that a message advises.
package enum CommandWord {
    /// In quotes where a shell would take the word for something else.
    package static func quoted(_ word: String) -> String {
        let plain = CharacterSet(charactersIn: "/-._").union(.alphanumerics)
        let isPlain = !word.isEmpty && word.unicodeScalars.allSatisfy(plain.contains)
        return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}
