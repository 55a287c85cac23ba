import FileTrees
import Testing

@Suite struct VisibleTextTests {
    /// Whatever the text, nothing is left that a terminal obeys or that turns what stands around it.
    @Test func nothingHarmfulIsLeft() {
        for value in UInt32(0)...0x10_FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "a\(scalar)b"
            let isControl = value < 0x20 || (0x7F...0x9F).contains(value)
            let turns =
                [0x61C, 0x200E, 0x200F].contains(value) || (0x202A...0x202E).contains(value)
                || (0x2066...0x2069).contains(value)
            let breaksLines = [0x2028, 0x2029].contains(value)
            let isCarrier = (0x10_FE80...0x10_FEFF).contains(value)
            let line = VisibleText.line(text)
            guard isControl || turns || breaksLines || isCarrier else {
                if line != text || VisibleText.block(text) != text {
                    Issue.record("U+\(String(value, radix: 16)) changed")
                }
                continue
            }
            if !line.unicodeScalars.allSatisfy({ (0x20..<0x7F).contains($0.value) }) {
                Issue.record("U+\(String(value, radix: 16)) stays in a line")
            }
            let stays = [0x9, 0xA, 0x61C, 0x200E, 0x200F].contains(value)
            #expect((VisibleText.block(text) == text) == stays, "U+\(String(value, radix: 16)) in a block")
        }
    }

    @Test func itIsWrittenOut() {
        #expect(VisibleText.line("a\u{1B}[2J\u{7}\r\n\t") == #"a\x1B[2J\x07\r\n\t"#)
        #expect(VisibleText.line("\u{9B}31m\u{202E}txt.\u{10FEE9}") == #"\u{9B}31m\u{202E}txt.\xE9"#)
        #expect(VisibleText.line("\u{F}\u{10}") == #"\x0F\x10"#)
        #expect(VisibleText.block("a\u{1B}c\n\tb\r\n") == "a\\x1Bc\n\tb\\x0D\n")
    }
}
