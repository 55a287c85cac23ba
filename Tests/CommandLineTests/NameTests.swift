import BuiltPrograms
import Foundation
import Testing
import TestSupport

/// Names are bytes: files, folders and stores are found by the bytes that the system gave, whatever they mean as text.
@Suite struct NameTests {
    /// Runs a script in which `$e` is the byte 0xE9, which is not UTF-8.
    private func shell(_ script: String, in place: Workplace, environment: [String: String] = [:]) throws
        -> Program.Result
    {
        try place.shell("e=$(printf '\\351')\n" + script, environment: environment)
    }

    /// All files that are not hidden.
    private func names(in place: Workplace) throws -> [[UInt8]] {
        let result = try place.start(
            ["-c", "find . -type f ! -name '.*' | LC_ALL=C sort | od -An -v -tx1"], of: "/bin/sh"
        ).wait()
        let bytes = result.output.split(whereSeparator: \.isWhitespace).compactMap { UInt8($0, radix: 16) }
        return bytes.split(separator: 10).map(Array.init)
    }

    private func byteName(_ text: String) -> [UInt8] {
        Array(text.unicodeScalars.flatMap { $0 == "é" ? [0xE9] : Array(String($0).utf8) })
    }

    private let options = tiny.joined(separator: " ") + " --steps 10 --eval-every 5"

    /// What an error advises can be pasted, whatever a run is called.
    @Test func theNameOfARunIsQuoted() throws {
        let place = try Workplace(), name = "it's mine", quoted = #"'it'\''s mine'"#
        try place.train("--steps", "4", "--name", name)
        try place.write(Texts.sentences(900), to: "other.txt")
        let other = try place.run("eval", "other.txt", "--run", name, "--part", "validation")
        #expect(
            other.status == 1 && other.errors.contains("with --from (charnn train PATH --from \(quoted))"),
            "\(other.errors)")
        let done = try place.run("train", "--resume", name)
        #expect(done.status == 1 && done.errors.contains("--resume \(quoted) --steps 8"), "\(done.errors)")
        _ = try place.shell("rm text.txt")
        let gone = try place.run("train", "--resume", name, "--steps", "8")
        #expect(
            gone.status == 1
                && gone.errors.contains(
                    "(charnn train PATH --resume \(quoted), charnn eval PATH --run \(quoted) --part …)"),
            "\(gone.errors)")
    }

    @Test func aTextAStoreAndACopyOfAnyName() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(2000), to: "text.txt")
        let script = """
            mkdir "d$e" && mv text.txt "d$e/caf$e.txt" && cd "d$e" || exit 9
            "$charnn" train "caf$e.txt" \(options) --stop-after 5 --store "s$e.sqlite" || exit 1
            cd / && "$charnn" train --resume latest --store "$OLDPWD/s$e.sqlite" || exit 2
            cd "$OLDPWD" && "$charnn" export latest "x$e.sqlite" --store "s$e.sqlite" || exit 3
            JACQUARD_STORE="x$e.sqlite" "$charnn" sample --length 20 --prime-file "caf$e.txt" --no-prime-echo || exit 4
            "$charnn" eval "caf$e.txt" --store "x$e.sqlite" || exit 5
            """
        let result = try shell(script, in: place)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try names(in: place) == ["./dé/café.txt", "./dé/sé.sqlite", "./dé/xé.sqlite"].map(byteName))
        // In messages the byte is shown.
        #expect(result.errors.contains(#"Stored as run 'caf-1' in /"#) && result.errors.contains(#"/s\xE9.sqlite"#))
        #expect(result.errors.contains(#"charnn sample --run caf-1 --store $'"#), "\(result.errors)")

        let shown = try shell("cd \"d$e\" && \"$charnn\" show latest --json --store \"s$e.sqlite\"", in: place)
        let text = shown.json["text"] as? [String: Any], paths = text?["paths"] as? [String]
        #expect(paths?.first?.hasSuffix("/d\u{10FEE9}/caf\u{10FEE9}.txt") == true, "\(shown.output)")
        // The command that makes the run again is one that a shell understands.
        let command = try #require(shown.json["command"] as? String)
        try place.write(command.replacing("charnn ", with: "\"$charnn\" ", maxReplacements: 1), to: "again.sh")
        let again = try place.start(["again.sh"], of: "/bin/bash").wait()
        #expect(again.status == 0, "\(command): \(again.errors)")
    }

    /// As Documentation/CheckpointStore.md says it.
    @Test(.enabled(if: Machine.hasPython, "no python3 here")) func aPathOutOfJSONIsFoundByPython() throws {
        let guide = try PrintedCommands.text(of: "Documentation/CheckpointStore.md")
        let line = try #require(guide.split(separator: "\n").first { $0.hasPrefix("name = re.sub(") })
        let place = try Workplace()
        try place.write(
            """
            import json, re, sys
            name = json.load(sys.stdin)["text"]["paths"][0]
            \(line)
            print(open(name).read(10))
            """, to: "find.py")
        try place.write(Texts.sentences(2000), to: "text.txt")
        let result = try shell(
            """
            mv text.txt "caf$e é.txt"
            "$charnn" train "caf$e é.txt" \(options) && "$charnn" show latest --json | python3 find.py
            """, in: place)
        #expect(result.output == Texts.sentences(2000).prefix(10) + "\n", "\(result.errors)")
    }

    @Test func messagesShowTheBytes() throws {
        let place = try Workplace()
        let missing = try shell("\"$charnn\" train \"caf$e.txt\"", in: place)
        #expect(missing.status == 1 && missing.errors == "Error: caf\\xE9.txt: no such file or folder\n")
        let option = try shell("\"$charnn\" train --hiddn$e 3", in: place)
        #expect(option.status == 64 && option.errors.contains(#"--hiddn\xE9"#), "\(option.errors)")
        let name = try shell("\"$charnn\" train x --name \"caf$e\"", in: place)
        #expect(name.status == 64 && name.errors.contains(#"--name: 'caf\xE9' is not valid UTF-8"#), "\(name.errors)")
        let run = try place.train("--steps", "2")
        #expect(run.status == 0)
        let unknown = try shell("\"$charnn\" show \"caf$e\"", in: place)
        #expect(unknown.status == 1 && unknown.errors.contains(#"no run named 'caf\xE9'"#), "\(unknown.errors)")
    }

    /// Bytes in and bytes out, where they are the units; a model of characters says that these are none.
    @Test func whatIsTypedReachesAModelOfBytes() throws {
        let place = try Workplace()
        try place.write(Array(repeating: [0x63, 0xE9, 0x2C, 0x0A], count: 400).flatMap { $0 }, to: "text.txt")
        let options = tiny.joined(separator: " ")
        let result = try shell(
            """
            "$charnn" train text.txt --unit byte --steps 40 \(options) || exit 1
            "$charnn" sample --prime "c$e" --length 1 --greedy | od -An -tx1
            "$charnn" sample --prime c --stop "$e" --greedy --null --no-prime-echo | od -An -tx1
            """, in: place)
        #expect(result.output == " 63 e9 2c 0a\n 00\n", "\(result.errors)")
        try place.write(Texts.sentences(2000), to: "text.txt")
        #expect(try place.train("--steps", "2").status == 0)
        for option in ["--prime", "--stop"] {
            let refused = try shell("\"$charnn\" sample \(option) \"c$e\"", in: place)
            #expect(refused.status == 1 && refused.output.isEmpty)
            #expect(refused.errors.contains("\(option): 'c\\xE9' is not valid UTF-8"))
        }
    }

    /// Escapes that color, clear or retitle a terminal, and a line break that fakes a message: they are shown, written out.
    @Test func namesCannotCommandATerminal() throws {
        let place = try Workplace()
        #expect(try place.train("--steps", "2").status == 0)
        let evil = "a\u{1B}[2J\u{7}\nStored as run 'x'\u{202E}"
        for arguments in [
            ["train", evil], ["show", evil], [evil], ["train", "x", "--cell", evil], ["train", "x", "--cell=\(evil)"],
            ["train", "x", "--\(evil)"], ["sample", "--prime-file", evil],
        ] {
            let terminal = try PseudoTerminal()
            let result = try place.start(arguments, errors: terminal.descriptor).wait()
            #expect(result.status != 0)
            let shown = terminal.finish()
            #expect(shown.contains(#"a\x1B[2J\x07\nStored as run 'x'\u{202E}"#), "\(shown.debugDescription)")
            for obeyed in ["\u{1B}[2J", "\u{7}", "\u{202E}", "\nStored"] {
                #expect(!shown.unicodeScalars.contains(obeyed.unicodeScalars), "\(shown.debugDescription)")
            }
        }
    }

    /// A model that has learned escapes writes them into a file as they are.
    @Test func samplesAreRawInAFileAndHarmlessOnATerminal() throws {
        let place = try Workplace()
        try place.write(String(repeating: "\u{1B}[31m\u{7}red\u{9B}0m\n", count: 200), to: "text.txt")
        let trained = try place.train("--steps", "60", "--sample-every", "30")
        #expect(trained.status == 0 && trained.errors.contains("sample at step"))
        #expect(!trained.errors.contains("\u{1B}") && !trained.errors.contains("\u{7}"))
        let raw = try place.run("sample", "--seed", "1", "--length", "100")
        #expect(raw.output.contains("\u{1B}"), "\(raw.output.debugDescription)")
        let terminal = try PseudoTerminal()
        let shown = try place.start(["sample", "--seed", "1", "--length", "100"], output: terminal.descriptor).wait()
        #expect(shown.status == 0)
        let screen = terminal.finish()
        #expect(!screen.isEmpty && screen.contains(#"\x1B"#))
        #expect(!screen.contains("\u{1B}") && !screen.contains("\u{7}") && !screen.contains("\u{9B}"))
        let page = try place.run("show", "latest")
        #expect(page.output.contains(#"\x1B"#) && !page.output.contains("\u{1B}"))
    }

    /// `..` behind a link is where the link leads.
    @Test func goingUpFromALinkIsWhatTheSystemMeans() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(2000), to: "far/text.txt")
        try place.write("another text, which is not meant. " + Texts.sentences(1500), to: "text.txt")
        let script = """
            mkdir far/inner && ln -s far/inner link || exit 9
            "$charnn" train link/../text.txt \(options) --stop-after 5 --store link/../m.sqlite || exit 1
            test -e far/m.sqlite && test ! -e m.sqlite || exit 2
            cd far/inner && "$charnn" train --resume latest --store ../m.sqlite || exit 3
            """
        let result = try place.shell(script)
        #expect(result.status == 0, "\(result.errors)")
        let shown = try place.run("show", "latest", "--json", "--store", "far/m.sqlite").json
        let paths = (shown["text"] as? [String: Any])?["paths"] as? [String]
        #expect(paths?.first?.hasSuffix("/far/text.txt") == true, "\(paths ?? [])")
    }

    @Test func picturesCodesAndOutputsOfAnyName() throws {
        let place = try Workplace("ae")
        try place.makePictures(12, in: "p")
        let options = tinyPictures.joined(separator: " ") + " --steps 10"
        let script = """
            mv p "p$e" && mv "p$e/003.png" "p$e/caf$e.png" || exit 9
            "$ae" train "p$e" \(options) --stop-after 5 --store "s$e" || exit 1
            (cd "p$e" && "$ae" train --resume latest --store "../s$e") || exit 2
            export JACQUARD_STORE="s$e"
            "$ae" encode "p$e" -o "c$e.npy" || exit 3
            "$ae" decode "c$e.npy" -o "o$e" || exit 4
            "$ae" decode "c$e.npy" -o "o$e" || exit 5
            "$ae" encode "p$e" -o "c$e.csv" && "$ae" map "c$e.csv" -o "m$e.svg" || exit 6
            "$ae" reconstruct "p$e/caf$e.png" -o "r$e/sheet$e.png" || exit 7
            test -e "o$e/caf$e.png" && "$ae" reconstruct "p$e" -o "w$e.png" --json | grep -q 'caf.udbff.udee9' || exit 8
            "$ae" reconstruct "p$e" -o "w$e.png" | grep -q 'caf.xE9.png' || exit 10
            """
        let result = try shell(script, in: place)
        #expect(result.status == 0, "\(result.errors)")
        let made = try names(in: place).filter {
            !$0.starts(with: byteName("./pé/")) && !$0.starts(with: byteName("./oé/"))
        }
        let expected = ["./cé.csv", "./cé.names.csv", "./cé.npy", "./mé.svg", "./ré/sheeté.png", "./sé", "./wé.png"]
            .map(byteName)
        #expect(made == expected.sorted { $0.lexicographicallyPrecedes($1) })
    }
}
