import CommandLineSupport
import Foundation
import Testing

@Suite struct ConsoleTests {
    /// What a console writes into a pipe.
    private func written(
        isTerminal: Bool, now: @escaping () -> ContinuousClock.Instant = { .now }, _ body: (Console) -> Void
    ) -> String {
        let pipe = Pipe()
        body(Console(descriptor: pipe.fileHandleForWriting.fileDescriptor, isTerminal: isTerminal, now: now))
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
        var made: [Int] = [], time = ContinuousClock.now
        let text = written(isTerminal: false, now: { time }) { console in
            for step in 0..<250 {
                console.progress {
                    made.append(step)
                    return "step"
                }
                time += .milliseconds(100)
            }
            console.status("reading")
            console.line("done")
        }
        #expect(text == "step\nstep\ndone\n")
        #expect(made == [100, 200])
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

    @Test func partsThatDoNotFitAreLeftOut() {
        let parts = ["epoch 1.00", String(repeating: "x", count: 60), "step 1,000", "z"]
        let pipe = Pipe(), descriptor = pipe.fileHandleForWriting.fileDescriptor
        #expect(Console(descriptor: descriptor, isTerminal: true).fitting(parts) == "epoch 1.00  " + parts[1])
        #expect(Console(descriptor: descriptor, isTerminal: false).fitting(parts).hasSuffix("step 1,000  z"))
    }

    @Test func outputIntoAPipeComesInPiecesAndSoon() throws {
        let pipe = Pipe(), reading = pipe.fileHandleForReading.fileDescriptor
        _ = fcntl(reading, F_SETFL, O_NONBLOCK)
        func available() -> String {
            var bytes = [UInt8](repeating: 0, count: 100)
            let count = read(reading, &bytes, 100)
            return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        }
        var time = ContinuousClock.now
        let output = StandardOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor, now: { time })
        try output.write("a")
        #expect(available() == "")
        time += .milliseconds(250)
        try output.write("b")
        #expect(available() == "ab")
        try output.write("c")
        try output.flush()
        #expect(available() == "c")
    }

    @Test func aDescriptorThatNobodyReads() throws {
        signal(SIGPIPE, SIG_IGN)
        let pipe = Pipe(), descriptor = pipe.fileHandleForWriting.fileDescriptor
        try pipe.fileHandleForReading.close()
        let console = Console(descriptor: descriptor, isTerminal: false)
        #expect(!console.isClosed)
        console.line("anybody there?")
        #expect(console.isClosed)
        let output = StandardOutput(descriptor: descriptor)
        #expect(throws: OutputError.closed) {
            try output.line("anybody?")
            try output.flush()
        }
    }
}
