import BuiltPrograms
import Foundation
import Testing

/// `--precision int8`, as its user sees it.
@Suite struct BytePrecisionTests {
    static let sample = ["sample", "--length", "120", "--seed", "3"]

    private func trained() throws -> Workplace {
        let place = try Workplace()
        #expect(try place.train(["--steps", "60"]).status == 0)
        return place
    }

    @Test func textsAreMadeAgainEverywhere() throws {
        let place = try trained()
        let single = try place.start(Self.sample).wait(),
            rounded = try place.start(Self.sample + ["--precision", "int8"]).wait()
        #expect(rounded.status == 0 && rounded.errors.hasSuffix("seed 3, int8\n"), "\(rounded.errors)")
        #expect(single.errors.hasSuffix("seed 3\n") && single.output != rounded.output && rounded.output.count == 121)
        #expect(try place.start(Self.sample + ["--precision", "single"]).wait().output == single.output)
        let machine = try #require(try place.run("selftest", "--json").json["machine"] as? [String: Any])
        for set in try #require(machine["instruction_sets"] as? [String]) {
            for threads in ["1", "2", "3"] {
                let again = try place.start(
                    Self.sample + ["--precision", "int8", "--threads", threads], environment: ["JACQUARD_ISA": set]
                ).wait()
                #expect(again.output == rounded.output, "\(set), \(threads) threads")
            }
        }
        let many = try place.start(Self.sample + ["--precision", "int8", "--count", "5", "--json"]).wait().json
        #expect(many["precision"] as? String == "int8")
        #expect((many["texts"] as? [String])?.first.map { $0 + "\n" } == rounded.output)
        #expect(try place.start(Self.sample + ["--json"]).wait().json["precision"] as? String == "single")
    }

    @Test func evalSaysWhatItCosts() throws {
        let place = try trained()
        func score(_ options: String...) throws -> [String: Any] {
            try place.start(["eval", "text.txt", "--json"] + options).wait().json
        }
        let single = try score(), rounded = try score("--precision", "int8"),
            lanes = try score("--precision", "int8", "--lanes", "7")
        func nats(_ score: [String: Any]) throws -> Double { try #require(score["nats_per_unit"] as? Double) }
        #expect(single["precision"] as? String == "single" && rounded["precision"] as? String == "int8")
        #expect(try nats(single) != nats(rounded) && abs(nats(single) - nats(rounded)) < 0.01)
        #expect(try abs(nats(lanes) - nats(rounded)) < 0.05)
        let plain = try place.run("eval", "text.txt", "--precision", "int8").output
        #expect(plain.contains(", int8; one stream in order"), "\(plain)")
        #expect(try place.run("eval", "text.txt").output.contains("int8") == false)
    }

    /// What has no kernels in half precision has them in bytes.
    @Test(arguments: [["--cell", "gru-reset-before"], ["--stack", "rnn:9:4,lstm:5", "--embedding", "0"]])
    func everyKindOfLayerWritesInBytes(options: [String]) throws {
        let place = try Workplace()
        try place.write(Texts.sentences(300), to: "text.txt")
        #expect(try place.start(["train", "text.txt", "--steps", "5"] + options).wait().status == 0)
        let one = try place.start(Self.sample + ["--precision", "int8"]).wait()
        #expect(one.status == 0 && one.output.count == 121, "\(one.errors)")
        #expect(try place.start(Self.sample + ["--precision", "int8", "--threads", "2"]).wait().output == one.output)
    }

    @Test func whatIsNoPrecisionIsRefused() throws {
        let place = try Workplace()
        for command in ["sample", "write", "eval", "serve"] {
            for wrong in ["bf16", "int4", ""] {
                let result = try place.run(command, "--precision", wrong)
                #expect(result.status == 64 && result.errors.contains("--precision"), "\(command): \(result.errors)")
            }
        }
    }
}
