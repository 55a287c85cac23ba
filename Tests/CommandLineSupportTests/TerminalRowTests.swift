import CommandLineSupport
import Testing

@Suite struct TerminalRowTests {
    @Test func rowsEndAfterBlanksAndLoseNothing() {
        #expect(Terminal.rows("the weaver turns", columns: 11) == ["the weaver ", "turns"])
        #expect(Terminal.rows("the\n\n weaver\n", columns: 20) == ["the", "", " weaver", ""])
        #expect(Terminal.rows("", columns: 20) == [""])
        #expect(Terminal.rows("abcdefgh", columns: 3) == ["abc", "def", "gh"])
        // Wide characters take two columns, and one that does not fit stands alone.
        #expect(Terminal.rows("织机织机", columns: 5) == ["织机", "织机"])
        #expect(Terminal.rows("织机", columns: 1) == ["织", "机"])
        let text = "an old card remembers every knot  and what was cut. "
        for columns in 1...60 {
            let rows = Terminal.rows(text, columns: columns)
            #expect(rows.joined() == text && rows.allSatisfy { $0.count <= columns })
        }
    }
}
