import CommandLineSupport
import Foundation
import Testing

@Suite struct ConsoleTests {
    /// What a console writes into a pipe.
    private func written(isTerminal: Bool, _ body: (Console) -> Void) -> String {
        let pipe = Pipe()
        body(Console(descriptor: pipe.fileHandleForWriting.fileDescriptor, isTerminal: isTerminal))
        try? pipe.fileHandleForWriting.close()
        return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    @Test func aTerminalHasOneLineThatIsRewritten() {
        let text = written(isTerminal: true) { console in
            console.status("step 1")
            console.line("done")
            console.line("more")
        }
        #expect(text == "\rstep 1\u{1B}[K\r\u{1B}[Kdone\nmore\n")
    }

    @Test func aLongLineIsCutToTheTerminal() {
        let text = written(isTerminal: true) { $0.status(String(repeating: "x", count: 500)) }
        #expect(text.filter { $0 == "x" }.count == 79)
    }

    @Test func elsewhereProgressIsRare() {
        var made = 0
        let text = written(isTerminal: false) { console in
            for _ in 0..<1000 {
                console.progress {
                    made += 1
                    return "step"
                }
            }
            console.status("reading")
            console.line("done")
        }
        #expect(text == "done\n")
        #expect(made == 0)
    }

    @Test func pacing() {
        var pacing = Pacing(interval: 10)
        var due: [Double] = []
        for time in [0, 9.9, 10, 10.1, 19.9, 20.5, 30, 30.5] where pacing.isDue(at: time) { due.append(time) }
        #expect(due == [10, 20.5, 30.5])
        pacing.reset()
        let isDueAtOnce = pacing.isDue(at: 0)
        #expect(isDueAtOnce)
    }
}
