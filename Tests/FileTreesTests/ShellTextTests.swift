import FileTrees
import Foundation
import Testing

@Suite struct ShellTextTests {
    @Test func quotesForAShell() {
        #expect(ShellText.quoted("poems/a-1.txt") == "poems/a-1.txt")
        #expect(ShellText.quoted("two words") == "'two words'")
        #expect(ShellText.quoted("it's") == #"'it'\''s'"#)
        #expect(ShellText.quoted("") == "''")
        #expect(ShellText.quoted("织机.txt") == "织机.txt")
        #expect(ShellText.quoted("$HOME") == "'$HOME'")
    }

    /// Shells are the judges.
    @Test func quotedTextIsOneWordOfAShell() throws {
        let texts = [
            "plain", "two words", "it's", "", "naïve", "$HOME `x` \\n", "new\nline", "caf\u{10FEE9}1.txt",
            "e\u{1B}[31m'\\7", "\u{9B}\u{202E}", "-x", "*?[]{}~!#&;|<>()\"",
        ]
        for text in texts {
            let quoted = ShellText.quoted(text)
            #expect(quoted.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
            let shell = Process(), pipe = Pipe()
            shell.executableURL = URL(fileURLWithPath: "/bin/bash")
            shell.arguments = ["-c", "printf '%s' \(quoted)"]
            shell.standardOutput = pipe
            try shell.run()
            let bytes = Array(pipe.fileHandleForReading.readDataToEndOfFile())
            shell.waitUntilExit()
            let expected =
                text == "caf\u{10FEE9}1.txt" ? [0x63, 0x61, 0x66, 0xE9] + Array("1.txt".utf8) : Array(text.utf8)
            #expect(bytes == expected, "\(quoted)")
        }
        #expect(ShellText.quoted("caf\u{10FEE9}1.txt") == #"$'caf\3511.txt'"#)
    }
}
