import BuiltPrograms
import Foundation
import Testing
import TestSupport

/// `charnn write` in a terminal of 60 columns.
@Suite struct WritingTests {
    private func trained() throws -> Workplace {
        let place = try Workplace()
        #expect(try place.train("--steps", "60").status == 0)
        return place
    }

    /// Somebody who types when asked to.
    private final class Writer {
        let terminal: PseudoTerminal
        let running: RunningProgram

        init(_ place: Workplace, _ arguments: [String], output: Bool = true) throws {
            terminal = try PseudoTerminal(columns: 60, takesLines: true)
            running = try place.start(
                ["--default-signal=INT,TERM,HUP", place.program.path, "write", "--seed", "7"] + arguments,
                of: "/usr/bin/env", keyboard: terminal.descriptor, output: output ? terminal.descriptor : nil,
                errors: terminal.descriptor)
        }

        func type(_ lines: String...) {
            for line in lines {
                terminal.waitFor("> ")
                terminal.type(line + "\n")
            }
        }

        /// What the screen showed until the program ended.
        func finish() -> (status: Int, screen: String, output: String) {
            let screen = terminal.finish(), result = running.wait()
            return (result.status, screen, result.output)
        }
    }

    private func text(_ place: Workplace, _ prompt: String, _ index: Int, _ options: String...) throws -> String {
        let all = ["sample", "--seed", "7", "--count", "4", "--length", "40", "--json", "--prime", prompt]
        let texts = try place.start(all + options).wait().json["texts"] as? [String]
        return try #require(texts?[index])
    }

    @Test func everyCommand() throws {
        let place = try trained(), writer = try Writer(place, ["new.txt"])
        writer.type("2", " own words", "n", "u", "", "h", "+", "+", "-", "c", "\"c", "7", "?", "quit", "u", "s", "q")
        let (status, screen, output) = writer.finish()
        #expect(status == 0 && output.isEmpty, "\(screen)")
        #expect(try place.read("new.txt") == text(place, "", 1) + " own wordsc")
        for part in [
            "run 'text-1', step 60, seed 7", "(nothing is written yet)", "1-4 take  Enter others",
            "hotter  c colder (0.8)",
            "hotter  c colder (0.9)", "shorter (80)", "shorter (160)", "There is no 7 to take",
            "Written as text: commands have one character", "Saved new.txt, 51 bytes", " own words▌",
        ] { #expect(screen.contains(part), "\(part): \(screen)") }
        for line in screen.split(separator: "\n") {
            // What is typed, and its Enter, are not shown here.
            #expect(line.drop { "> ".contains($0) }.count < 60, "\(line)")
        }
        #expect(!screen.contains("\u{1B}"))
        #expect(place.files.filter { $0.contains("jacquard-partial") }.isEmpty)
    }

    /// The user's own text: continued, kept with every byte, and changed only by a save.
    @Test func aFileIsContinuedAndKept() throws {
        let place = try trained(), before = "\u{FEFF}the weaver\t织\r\nand \u{1B}[31m a thread"
        try place.write(before, to: "own.txt")
        var writer = try Writer(place, ["own.txt"])
        writer.type(" follows", "u", "u")
        writer.terminal.waitFor("> ")
        #expect(try place.read("own.txt") == before)
        writer.terminal.type(" turns\n")
        writer.type("q", "n")
        var (status, screen, output) = writer.finish()
        #expect(status == 0 && output.isEmpty && screen.contains("the model has never"))
        #expect(screen.contains("\"织\" (1×)") && screen.contains("Nothing to undo") && !screen.contains("\u{1B}"))
        #expect(try place.read("own.txt") == before)
        writer = try Writer(place, ["own.txt"])
        writer.type(" follows", "n", "q", "b", "q", "")
        (status, screen, output) = writer.finish()
        #expect(status == 0 && screen.contains("Save own.txt?"))
        #expect(try place.read("own.txt") == before + " follows\r\n")
    }

    /// Ctrl-D, Ctrl-C, a request to end, and a terminal that is closed.
    @Test func whoeverLeavesKeepsTheText() throws {
        let place = try trained()
        for (name, leave, wanted) in [
            ("d", { (w: Writer) in w.terminal.type("\u{4}") }, 0), ("int", { $0.running.signal(SIGINT) }, 130),
            ("term", { $0.running.signal(SIGTERM) }, 143), ("hup", { $0.running.signal(SIGHUP) }, 129),
            ("closed", { $0.terminal.hangUp() }, 0),
        ] as [(String, (Writer) -> Void, Int)] {
            let writer = try Writer(place, ["\(name).txt"])
            writer.type(" the loom")
            writer.terminal.waitFor("> ")
            leave(writer)
            let status = name == "closed" ? writer.running.wait().status : writer.finish().status
            #expect(status == wanted, "\(name)")
            #expect(try place.read("\(name).txt") == " the loom", "\(name)")
        }
        // Words that Ctrl-D sends, and no Enter.
        let writer = try Writer(place, ["half.txt"])
        writer.terminal.waitFor("> ")
        writer.terminal.type(" half\u{4}\u{4}")
        #expect(writer.finish().status == 0)
        #expect(try place.read("half.txt") == " half")
    }

    @Test func withoutAFileTheTextIsPrintedOrNamed() throws {
        let place = try trained()
        var writer = try Writer(place, [])
        writer.type(" the loom")
        writer.terminal.waitFor("> ")
        writer.terminal.type("\u{4}")
        #expect(writer.finish().screen.hasSuffix("\n the loom\n"))
        writer = try Writer(place, [], output: false)
        writer.type(" a thread", "q")
        #expect(writer.finish().output == " a thread\n")
        writer = try Writer(place, [])
        writer.type(" a thread", "q", "named.txt")
        #expect(writer.finish().screen.contains("Saved named.txt, 9 bytes"))
        #expect(try place.read("named.txt") == " a thread")
        // A name that is somebody's is refused, and asked for again.
        writer = try Writer(place, [])
        writer.type(" other", "s", "named.txt", "s", "other.txt", "q")
        #expect(writer.finish().screen.contains("named.txt: is there already, and"))
        #expect(try place.read("named.txt") == " a thread" && place.read("other.txt") == " other")
        // Nothing can be printed where the terminal is gone.
        writer = try Writer(place, [])
        writer.type(" rescued")
        writer.terminal.waitFor("> ")
        writer.terminal.hangUp()
        _ = writer.running.wait()
        #expect(try place.read("written-1.txt") == " rescued")
    }

    @Test func aFileThatAnotherProgramChangedIsLeftAlone() throws {
        let place = try trained()
        try place.write("the weaver", to: "own.txt")
        let writer = try Writer(place, ["own.txt"])
        writer.type(" mine")
        writer.terminal.waitFor("> ")
        try place.write("the weaver theirs", to: "own.txt")
        writer.terminal.type("s\n")
        writer.type("", "q", "", "")
        writer.terminal.waitFor("> ")
        writer.terminal.type("\u{4}")
        let (status, screen, _) = writer.finish()
        #expect(status == 0 && screen.contains("own.txt: another program has changed"), "\(screen)")
        #expect(try place.read("own.txt") == "the weaver theirs")
        #expect(try place.read("written-1.txt") == "the weaver mine")
    }

    /// Killed at any time, the file is what it was before a save or after one.
    @Test func aKillLeavesTheFileWhole() throws {
        let place = try trained(), before = String(repeating: Texts.sentences(1000), count: 3000)
        for delay in [0, 1000, 3000, 10_000, 30_000] {
            try place.write(before, to: "long.txt")
            let writer = try Writer(place, ["long.txt"])
            writer.type(" the end")
            writer.terminal.waitFor("> ")
            writer.terminal.type("s\n")
            usleep(UInt32(delay))
            writer.running.signal(SIGKILL)
            #expect(writer.running.wait().status == -9)
            let after = try place.read("long.txt")
            #expect(after == before || after == before + " the end")
        }
    }

    @Test func whatCannotBeWrittenInIsRefused() throws {
        let place = try trained()
        for input in [nil, "1\nq\n"] {
            let refused = try place.run("write", "new.txt", input: input)
            #expect(refused.status == 1 && refused.output.isEmpty && !place.exists("new.txt"))
            #expect(refused.errors.contains("standard input is no terminal"), "\(refused.errors)")
        }
        let latin = Array("caf".utf8) + [0xE9, 10]
        try place.write(latin, to: "latin.txt")
        for (name, reason) in [
            ("latin.txt", "byte 0xE9 at offset 3 is not UTF-8"), ("checkpoints", "it is a folder"),
            ("none/new.txt", "there is no folder none"),
        ] {
            let (status, screen, _) = try Writer(place, [name]).finish()
            #expect(status == 1 && screen.contains(reason), "\(screen)")
        }
        #expect(try Array(Data(contentsOf: place.url.appendingPathComponent("latin.txt"))) == latin)
        for options in [["--count", "0"], ["--count", "10"], ["--length", "0"], ["--temp", "6"], ["--top-k", "0"]] {
            #expect(try place.start(["write"] + options).wait().status == 64)
        }
    }

    /// A model of bytes goes on from any bytes.
    @Test func aModelOfBytesTakesAnyFile() throws {
        let place = try Workplace(), bytes = Array("caf".utf8) + [0xE9, 10]
        try place.write((0..<200).flatMap { _ in bytes }, to: "bytes.bin")
        #expect(try place.start(["train", "bytes.bin", "--unit", "byte", "--steps", "20"] + tiny).wait().status == 0)
        try place.write(bytes, to: "own.txt")
        let writer = try Writer(place, ["own.txt"])
        writer.type("c", "x", "q", "")
        #expect(writer.finish().status == 0)
        #expect(try Array(Data(contentsOf: place.url.appendingPathComponent("own.txt"))) == bytes + Array("x".utf8))
    }

    @Test func keysThatDoNotWriteAreLeftOut() throws {
        let place = try trained(), writer = try Writer(place, ["new.txt"])
        writer.type("the \u{1B}[D\u{1B}[1;5Cloom\u{1B}OA\u{1}", "q", "")
        #expect(writer.finish().screen.contains("Left out: cursor keys"))
        #expect(try place.read("new.txt") == "the loom")
    }

    // MARK: Probabilities of a sample

    @Test func probabilitiesColorATerminal() throws {
        let place = try trained(), terminal = try PseudoTerminal(),
            options = ["--seed", "7", "--length", "400", "--prime", "the "]
        let plain = try place.start(["sample"] + options).wait().output
        let colored = try place.start(
            ["sample", "--probabilities"] + options, output: terminal.descriptor, errors: terminal.descriptor
        ).wait()
        #expect(colored.status == 0)
        let screen = terminal.finish()
        for style in ["36", "33", "31"] { #expect(screen.contains("\u{1B}[\(style)m"), "\(style)") }
        let bare = screen.replacing(/\u{1B}\[[0-9;]*m/, with: "")
        #expect(bare.hasSuffix(plain) && bare.contains("probability  ≥ 50 %  ≥ 20 %  ≥ 5 %  ≥ 1 %  < 1 %"))
        // A character in color is one that the model held less probable than one half.
        let json = try place.start(["sample", "--probabilities", "--json"] + options).wait().json
        let numbers = try #require((json["probabilities"] as? [[Double]])?.first)
        let text = try #require((json["texts"] as? [String])?.first?.dropFirst(4))
        #expect(numbers.count == 400 && text.count == 400 && "the " + text + "\n" == plain)
        var styled = "", wanted = ""
        for match in screen.components(separatedBy: "\nthe ").dropFirst().joined(separator: "\nthe ")
            .matches(of: /\u{1B}\[[0-9;]+m([^\u{1B}]*)\u{1B}\[0m/)
        { styled += match.1 }
        for (character, number) in zip(text, numbers) where number < 0.5 && character != "\n" {
            wanted.append(character)
        }
        #expect(styled == wanted && !wanted.isEmpty)
        let without = try place.start(["sample", "--json"] + options).wait().json
        #expect(without["probabilities"] == nil && without["texts"] as? [String] == json["texts"] as? [String])
    }

    @Test func probabilitiesWithoutATerminalAreRefused() throws {
        let place = try trained()
        let refused = try place.run("sample", "--probabilities")
        #expect(refused.status == 1 && refused.output.isEmpty)
        #expect(refused.errors.contains("--probabilities: colors are for a terminal"), "\(refused.errors)")
        #expect(try place.run("sample", "--probabilities", "--null").status == 64)
        #expect(try place.run("sample", "--probabilities", "--json", "--length", "5000000").status == 64)
    }
}
