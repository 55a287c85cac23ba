import BuiltPrograms
import Foundation
import Testing

@Suite struct TextTests {
    /// The same text by other ways has the same fingerprint, and so the same weights.
    @Test func standardInputAndGzip() throws {
        let place = try Workplace()
        try place.train("--steps", "10")
        let text = try place.read("text.txt")
        let piped = try place.start(["train", "-", "--steps", "10"] + tiny, input: text).wait()
        #expect(piped.status == 0, "\(piped.errors)")
        #expect(piped.errors.contains("'text-2'"))
        _ = try place.shell("gzip -c text.txt > packed.txt.gz")
        #expect(try place.start(["train", "packed.txt.gz", "--steps", "10"] + tiny).wait().status == 0)
        let first = try place.fingerprint("text-1")
        #expect(try place.fingerprint("text-2") == first)
        #expect(try place.fingerprint("packed-1") == first)
        let resumed = try place.run("train", "--resume", "text-2", "--steps", "12")
        #expect(resumed.status == 1 && resumed.errors.contains("standard input"), "\(resumed.errors)")
        let again = try place.start(["train", "-", "--resume", "text-2", "--steps", "12"], input: text).wait()
        #expect(again.status == 0, "\(again.errors)")
    }

    @Test func encodingsAndLineEnds() throws {
        let place = try Workplace()
        try place.write(Texts.chinese, to: "utf8.txt")
        _ = try place.shell("iconv -f UTF-8 -t GB18030 utf8.txt > gb.txt")
        try place.write(Texts.chinese.replacingOccurrences(of: "\n", with: "\r\n"), to: "crlf.txt")
        let wrong = try place.run("train", "gb.txt")
        #expect(wrong.status == 1 && wrong.errors.contains("gb18030"), "\(wrong.errors)")
        for (file, more) in [("utf8", []), ("gb", ["--encoding", "gb18030"]), ("crlf", []), ("crlf", ["--keep-cr"])] {
            let result = try place.start(["train", "\(file).txt", "--steps", "10"] + tiny + more).wait()
            #expect(result.status == 0, "\(result.errors)")
        }
        let first = try place.fingerprint("utf8-1")
        #expect(try place.fingerprint("gb-1") == first)
        #expect(try place.fingerprint("crlf-1") == first)
        #expect(try place.fingerprint("crlf-2") != first)
        // Scored in its own encoding, or in another.
        let gb = try place.run("eval", "gb.txt", "--run", "gb-1", "--json").json
        let other = try place.run("eval", "utf8.txt", "--run", "gb-1", "--encoding", "utf-8", "--json").json
        #expect(gb["nats_per_unit"] as? Double == other["nats_per_unit"] as? Double)
        let bits = try #require(gb["bits_per_unit"] as? Double), perByte = try #require(gb["bits_per_byte"] as? Double)
        #expect(bits / perByte > 2.8)
    }

    @Test func unknownCharactersAreCounted() throws {
        let place = try Workplace()
        try place.train("--steps", "30")
        try place.write(String(repeating: "the loom Ünd the loom\n", count: 10), to: "other.txt")
        let result = try place.run("eval", "other.txt")
        #expect(result.status == 0)
        #expect(result.output.contains("10  of them unknown to the model") && result.output.contains("\"Ü\" (10×)"))
        let json = try place.run("eval", "other.txt", "--json").json
        #expect(json["unknown_units"] as? Int == 10)
        #expect(try #require(json["unknown_share_of_nats"] as? Double) > 0.02)
        let lanes = try place.run("eval", "other.txt", "--lanes", "2", "--json").json
        #expect(lanes["units"] as? Int == json["units"] as? Int)
        let part = try place.run("eval", "other.txt", "--part", "validation")
        #expect(part.status == 1 && part.errors.contains("not the one"))
        try place.write("a", to: "short.txt")
        let short = try place.run("eval", "short.txt")
        #expect(short.status == 1 && short.errors.contains("too short to score"))
    }

    @Test(arguments: ["byte", "grapheme"])
    func units(unit: String) throws {
        let place = try Workplace()
        try place.write(Texts.chinese, to: "text.txt")
        #expect(try place.train("--unit", unit, "--steps", "10").status == 0)
        #expect(try place.run("sample", "--length", "30").status == 0)
        let score = try place.run("eval", "text.txt", "--json").json
        #expect(score["unit"] as? String == unit)
        let bits = try #require(score["bits_per_unit"] as? Double),
            perByte = try #require(score["bits_per_byte"] as? Double)
        #expect(unit == "byte" ? abs(bits - perByte) < 1e-9 : bits > 2 * perByte)
    }
}
