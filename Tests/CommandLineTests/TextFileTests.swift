import BuiltPrograms
import Foundation
import Testing

/// Texts as they come: damaged, in old encodings, of bytes, twice in a folder, compressed.
@Suite struct TextFileTests {
    private let damaged = Array(Texts.chinese.utf8) + [0xe7, 0xbb, 0x0a] + Array(Texts.chinese.utf8)

    @Test func damagedTextIsReadWhenAsked() throws {
        let place = try Workplace()
        try place.write(damaged, to: "text.txt")
        let refused = try place.train("--steps", "10")
        #expect(refused.status == 1)
        #expect(
            refused.errors.contains(
                "UTF-8 with a bad byte: byte \(Texts.chinese.utf8.count) (0xE7) is not valid, in line 31")
                && refused.errors.contains("--invalid replace") && !refused.errors.contains("--encoding"),
            "\(refused.errors)")
        #expect(place.files == ["text.txt"])
        let trained = try place.train("--steps", "10", "--invalid", "replace", "--name", "replaced")
        #expect(trained.status == 0 && trained.errors.contains("2 bytes that are not valid UTF-8, read as U+FFFD"))
        #expect(try place.train("--steps", "10", "--invalid", "skip", "--name", "skipped").status == 0)
        for (run, units) in [("replaced", 1), ("skipped", 0)] {
            let shown = try place.run("show", run, "--json").json
            let text = try #require(shown["text"] as? [String: Any])
            #expect(text["invalid_bytes"] as? Int == 2)
            #expect(text["units"] as? Int == 2 * Texts.chinese.count + 1 + units)
            // It goes on with the same text, and its command makes the same weights.
            let fingerprint = try place.fingerprint(run)
            let command = try #require(shown["command"] as? String)
            let again = try place.shell(
                command.replacingOccurrences(of: "charnn ", with: "\"$charnn\" ") + " --name again-\(run)")
            #expect(again.status == 0 && command.contains("--invalid"), "\(command)\n\(again.errors)")
            #expect(try place.fingerprint("again-\(run)") == fingerprint)
            #expect(try place.run("train", "--resume", run, "--steps", "12").status == 0)
            #expect(try place.run("eval", "text.txt", "--run", run).status == 0)
        }
        let changed = try place.run("train", "--resume", "skipped", "--invalid", "replace", "--steps", "14")
        #expect(changed.status == 1 && changed.errors.contains("--invalid skip"), "\(changed.errors)")
    }

    /// A model of bytes reads and writes them, whether or not they are UTF-8.
    @Test func bytesInAndBytesOut() throws {
        let place = try Workplace()
        let latin: [UInt8] = Array(String(repeating: "un caf# au lait\r\n", count: 100).utf8)
            .map { $0 == UInt8(ascii: "#") ? 0xe9 : $0 }
        try place.write(latin, to: "text.txt")
        #expect(try place.train("--unit", "byte", "--steps", "150", "--lr", "0.01").status == 0)
        try place.write([0x63, 0x61, 0x66, 0xe9], to: "prompt")
        let options = "--greedy --prime-file prompt --length 40"
        let raw = try place.shell("\"$charnn\" sample \(options) 2>errors | od -An -v -tx1")
        #expect(try place.read("errors").split(separator: "\n").count == 1)
        let bytes = raw.output.split(whereSeparator: \.isWhitespace).compactMap { UInt8($0, radix: 16) }
        #expect(bytes.starts(with: [0x63, 0x61, 0x66, 0xe9, 0x20]) && bytes.dropFirst(4).contains(0xe9))
        #expect(!bytes.contains(0xef) && bytes.contains(0x0d))
        let json = try place.start(["sample", "--json"] + options.split(separator: " ").map(String.init)).wait().json
        let encoded = try #require((json["bytes_base64"] as? [String])?.first)
        // Without the line end that a text gets where it has none.
        #expect(Data(base64Encoded: encoded).map(Array.init) == Array(bytes.prefix(44)))
        #expect((json["texts"] as? [String])?.first?.hasPrefix("caf\u{fffd} ") == true)
        let score = try place.run("eval", "prompt", "--json").json
        #expect(score["unknown_units"] as? Int == 0 && score["bytes"] as? Int == 3)
    }

    /// The first character of a text is not scored: nothing came before it.
    @Test func unknownCharactersAreListedWhereTheyAreScored() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(3000), to: "text.txt")
        try place.train("--steps", "5")
        try place.write("888899", to: "other.txt")
        let score = try place.run("eval", "other.txt")
        #expect(score.output.contains("\"8\" (3×), \"9\" (2×)"), "\(score.output)")
    }

    @Test func promptsAndStopsFollowTheText() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(3000).replacingOccurrences(of: "\n", with: "\r\n"), to: "text.txt")
        #expect(try place.train("--steps", "150", "--lr", "0.01").errors.contains("line ends of CR LF, read as LF"))
        let typed = try place.run("sample", "--prime", "the loom\r\n", "--length", "20", "--seed", "1")
        let plain = try place.run("sample", "--prime", "the loom\n", "--length", "20", "--seed", "1")
        #expect(typed.output == plain.output && !typed.errors.contains("never seen"))
        let free = try place.run("sample", "--length", "2000", "--seed", "1").output
        let stopped = try place.run("sample", "--length", "2000", "--seed", "1", "--stop", ".\r\n")
        #expect(free.contains(".\n"))
        #expect(stopped.output == (free.components(separatedBy: ".\n").first ?? "") + "\n")
        #expect(stopped.errors.split(separator: "\n").count == 1)
        let never = try place.run("sample", "--length", "10", "--stop", "Ω!", "--stop", "e")
        #expect(never.status == 0 && never.errors.contains("it never writes \"!\", \"Ω\""), "\(never.errors)")
        // A prompt in another encoding than the text's.
        try place.write(Array("the caf".utf8) + [0xe9], to: "prompt")
        let refused = try place.run("sample", "--prime-file", "prompt")
        #expect(refused.status == 1 && refused.errors.contains("--encoding") && !refused.errors.contains("--unit"))
        for (options, shown) in [
            (["--encoding", "windows-1252"], "the café"), (["--invalid", "replace"], "the caf\u{fffd}"),
        ] {
            let read = try place.start(["sample", "--prime-file", "prompt", "--length", "5"] + options).wait()
            #expect(read.status == 0 && read.output.hasPrefix(shown), "\(read.errors)")
        }
        #expect(try place.run("sample", "--encoding", "latin1").status == 64)
    }

    @Test func theRunsOwnTextIsScored() throws {
        let place = try Workplace()
        try place.train("--steps", "20", "--test", "500", "--name", "own")
        for part in ["all", "training", "validation", "test"] {
            let own = try place.run("eval", "--run", "own", "--part", part, "--json")
            let given = try place.run("eval", "text.txt", "--run", "own", "--part", part, "--json")
            #expect(own.status == 0 && own.output == given.output, "\(own.errors)")
            #expect((own.json["units"] as? Int ?? 0) >= 400)
        }
        #expect(try place.run("eval", "--run", "own").status == 64)
        // Lanes of a part that is too short for several are one stream.
        let lanes = try ["1", "2"].map { try place.run("eval", "--part", "validation", "--lanes", $0, "--json").output }
        #expect(lanes[0] == lanes[1] && lanes[0].contains("one stream in order"))
        _ = try place.shell("mv text.txt moved.txt")
        let gone = try place.run("eval", "--run", "own", "--part", "test")
        #expect(gone.status == 1 && gone.errors.contains("no such file") && gone.errors.contains("charnn eval PATH"))
        #expect(try place.run("eval", "moved.txt", "--run", "own", "--part", "test").status == 0)
        try place.write("another text, of another content\n", to: "text.txt")
        let other = try place.run("eval", "--run", "own", "--part", "test")
        #expect(other.status == 1 && other.errors.contains("not the one"))
        // Nobody writes to a pipe that is in its place.
        _ = try place.shell("rm text.txt && mkfifo text.txt")
        let pipe = try place.run("eval", "--run", "own", "--part", "test")
        #expect(pipe.status == 1 && pipe.errors.contains("standard input or a pipe"), "\(pipe.errors)")
    }

    @Test func whatIsLeftOutIsSaidAndCanBeRefused() throws {
        let place = try Workplace()
        let text = Texts.sentences(3000)
        try place.write(text, to: "in/a.txt")
        _ = try place.shell("ln -s a.txt in/b.txt && gzip -c in/a.txt > in/c.gz && printf 'PK\\003\\004' > in/d.zip")
        let plan = try place.run("train", "in", "--dry-run")
        #expect(plan.status == 0)
        #expect(plan.output.contains("1 file, 3000 bytes, UTF-8; skipped 1 binary, 2 duplicate"), "\(plan.output)")
        for name in ["b.txt", "c.gz"] {
            #expect(plan.output.contains("left out: in/\(name): the same text as in/a.txt"), "\(plan.output)")
        }
        #expect(plan.output.contains("left out: in/d.zip: a zip archive"))
        let strict = try place.run("train", "in", "--strict", "--steps", "5")
        #expect(strict.status == 1 && strict.errors.contains("in/b.txt") && strict.errors.contains("--strict"))
        #expect(try place.run("train", "in/a.txt", "--strict", "--dry-run").status == 0)
        #expect(try place.run("train", "--strict", "--resume", "latest").status == 64)
        // Bytes as they are read, not as they are packed.
        let packed = try place.run("train", "in/c.gz", "--dry-run")
        #expect(packed.output.contains("1 file, 3000 bytes (from "), "\(packed.output)")
    }

    /// As many texts as a number can say: in bounded memory, until the reader leaves; refused as one document.
    @Test func textsWithoutEnd() throws {
        let place = try Workplace()
        try place.train("--steps", "5")
        let most = "\(Int.max)"
        let result = try place.shell(
            "ulimit -v 4000000; \"$charnn\" sample --count \(most) --length 20 2>errors | head -c 20000 | wc -c")
        #expect(result.output.contains("20000"))
        for options in [["--count", most], ["--length", most], ["--count", "1000000", "--length", "1000000"]] {
            let refused = try place.start(["sample", "--json"] + options).wait()
            #expect(refused.status == 64 && refused.errors.contains("leave --json out"), "\(refused.errors)")
        }
    }
}
