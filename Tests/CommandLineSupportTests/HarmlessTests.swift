import CommandLineSupport
import Foundation
import TestSupport
import Testing

/// What reaches a terminal does not command it; data in files and pipes are as they were.
@Suite struct HarmlessTests {
    private let wild = "a\u{1B}]0;title\u{7}\u{9B}2J\u{202E}b\r\nc\u{10FEE9}\n"

    private func throughAPipe(_ body: (Int32) throws -> Void) rethrows -> String {
        let pipe = Pipe()
        try body(pipe.fileHandleForWriting.fileDescriptor)
        try? pipe.fileHandleForWriting.close()
        return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    @Test func dataAreRawInAPipeAndHarmlessOnATerminal() throws {
        let piped = try throughAPipe { descriptor in
            let output = StandardOutput(descriptor: descriptor)
            try output.write(wild)
            try output.flush()
        }
        #expect(piped == wild)
        let terminal = try PseudoTerminal()
        let output = StandardOutput(descriptor: terminal.descriptor)
        #expect(output.isTerminal)
        try output.write(wild)
        let shown = terminal.finish()
        #expect(shown == "a\\x1B]0;title\\x07\\u{9B}2J\\u{202E}b\\x0D\nc\\xE9\n")
    }

    /// A name with a line break cannot pose as a line of the program.
    @Test func linesForPeopleShowWhatIsInNames() throws {
        let line = #"a\x1B]0;title\x07\u{9B}2J\u{202E}b\r\nc\xE9\n"# + "\n"
        #expect(
            try throughAPipe { descriptor in
                let output = StandardOutput(descriptor: descriptor)
                try output.line(wild)
                try output.flush()
            } == line)
        for isTerminal in [false, true] {
            #expect(throughAPipe { Console(descriptor: $0, isTerminal: isTerminal).line(wild) } == line)
        }
        let progress = throughAPipe { Console(descriptor: $0, isTerminal: true).status(wild) }
        #expect(progress == "\r" + line.dropLast() + "\u{1B}[K")
        var table = Table([("NAME", .left), ("SIZE", .right)])
        table.add(["a\nb\u{7}", "1"])
        table.add(["织\t", "10"])
        #expect(table.lines == ["NAME      SIZE", #"a\nb\x07     1"#, #"织\t        10"#])
    }
}
