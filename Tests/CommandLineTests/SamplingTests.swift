import BuiltPrograms
import Foundation
import Testing

@Suite struct SamplingTests {
    private func trained() throws -> Workplace {
        let place = try Workplace()
        #expect(try place.train("--steps", "60").status == 0)
        return place
    }

    @Test func optionsOfSampling() throws {
        let place = try trained()
        func text(_ options: String...) throws -> String {
            let result = try place.start(["sample", "--length", "80"] + options).wait()
            #expect(result.status == 0, "\(result.errors)")
            return result.output
        }
        let greedy = try text("--greedy")
        #expect(try text("--temp", "0") == greedy)
        #expect(try text("--temperature", "0", "--seed", "5") == greedy)
        #expect(try text("--top-k", "1", "--seed", "6") == greedy)
        #expect(try text("--top-p", "0.0001") == greedy)
        #expect(try text("--min-p", "1") == greedy)
        #expect(try text("--repetition-penalty", "3", "--greedy") != greedy)
        #expect(try text("--greedy", "--length", "5") == greedy.prefix(5) + "\n")

        let prompted = try text("--prime", "the weaver", "--seed", "4")
        #expect(prompted.hasPrefix("the weaver"))
        try place.write("the weaver", to: "prompt.txt")
        #expect(try text("--prime-file", "prompt.txt", "--seed", "4") == prompted)
        #expect(try "the weaver" + text("--prime", "the weaver", "--seed", "4", "--no-prime-echo") == prompted)
        let stopped = try text("--seed", "4", "--prime", "the weaver", "--stop", "e", "--stop", "zz", "--no-prime-echo")
        let free = try text("--seed", "4", "--prime", "the weaver", "--no-prime-echo")
        #expect(free.contains("e"))
        #expect(stopped == free.prefix(while: { $0 != "e" }) + "\n" || stopped == free.prefix(while: { $0 != "e" }))
    }

    @Test func severalTextsDependOnTheirNumberOnly() throws {
        let place = try trained()
        let three = try place.run("sample", "--count", "3", "--seed", "4", "--length", "50", "--json")
        let texts = try #require(three.json["texts"] as? [String])
        #expect(texts.count == 3 && Set(texts).count == 3)
        let one = try place.run("sample", "--seed", "4", "--length", "50", "--json").json["texts"] as? [String]
        #expect(one?.first == texts[0])
        let plain = try place.run("sample", "--count", "3", "--seed", "4", "--length", "50").output
        #expect(plain.components(separatedBy: String(repeating: "-", count: 40) + "\n").count == 3)
    }

    /// More texts than are written together, of different lengths, as data and as text.
    @Test func manyTextsWithStops() throws {
        let place = try trained()
        func run(_ count: Int, threads: Int, _ options: [String]) throws -> Program.Result {
            let common = ["--count", "\(count)", "--seed", "4", "--length", "90", "--prime", "the "]
            return try place.start(
                ["sample"] + common + ["--stop", "e", "--stop", ".\n"] + options,
                environment: ["JACQUARD_THREADS": "\(threads)"]
            ).wait()
        }
        func texts(_ count: Int) throws -> [String] {
            try #require(run(count, threads: 1, ["--json"]).json["texts"] as? [String])
        }
        let all = try texts(70)
        #expect(all.count == 70 && Set(all.map(\.count)).count > 5)
        #expect(all.allSatisfy { $0.hasPrefix("the ") && !$0.dropFirst(4).contains("e") })
        for count in [1, 2, 33] { #expect(try texts(count) == Array(all.prefix(count))) }
        for (options, dropped) in [([], 0), (["--no-prime-echo"], 4)] {
            let plain = try run(70, threads: 2, options).output
            let ended = all.map { $0.dropFirst(dropped) }.map { $0.hasSuffix("\n") ? String($0) : $0 + "\n" }
            #expect(plain == ended.joined(separator: String(repeating: "-", count: 40) + "\n"))
        }
    }

    /// Texts that hold line ends, and dashes at that, come apart again.
    @Test func nullEndsEachText() throws {
        let place = try Workplace()
        let dashes = String(repeating: "-", count: 40)
        try place.write(String(repeating: "a\n\(dashes)\nb\n", count: 40), to: "text.txt")
        #expect(try place.train("--steps", "40").status == 0)
        for options in [[], ["--prime", "a\n"], ["--length", "0"], ["--no-prime-echo", "--stop", "b"]] {
            let common = ["sample", "--count", "5", "--seed", "3", "--length", "60"] + options
            let texts = try #require(place.start(common + ["--json"]).wait().json["texts"] as? [String])
            for flag in ["--null", "-0"] {
                let result = try place.start(common + [flag]).wait()
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.output == texts.map { $0 + "\0" }.joined())
            }
        }
        #expect(try place.run("sample", "--null", "--json").status == 64)
        // A model that writes NUL is no use here, and says so.
        try place.write(Array(repeating: Array("ab\0c\n".utf8), count: 100).flatMap { $0 }, to: "nul.bin")
        #expect(try place.start(["train", "nul.bin", "--unit", "byte", "--steps", "5"] + tiny).wait().status == 0)
        let refused = try place.run("sample", "--null")
        #expect(refused.status == 1 && refused.errors.contains("--null: this model may write NUL"), "\(refused.errors)")
    }

    /// The first text comes as it is made, and its reader need not wait for the others: all of them would take hours.
    @Test func theFirstOfManyTextsComesAtOnce() throws {
        try expectAReaderThatLeavesToEnd("--count 64 --length 100000000", reader: "head -c 10")
    }

    @Test func aSeedIsDrawnAndSaid() throws {
        let place = try trained()
        let first = try place.run("sample", "--length", "60")
        let seed = try #require(first.errors.split(separator: "seed ").last?.prefix { $0.isNumber })
        #expect(try place.run("sample", "--length", "60", "--seed", String(seed)).output == first.output)
    }

    @Test func anUnknownPromptIsReported() throws {
        let place = try trained()
        let result = try place.run("sample", "--prime", "the 织机 the 织", "--length", "10")
        #expect(result.status == 0)
        #expect(result.output.hasPrefix("the 织机 the 织"))
        #expect(result.errors.contains("\"织\" (2×)") && result.errors.contains("\"机\" (1×)"), "\(result.errors)")
    }

    @Test func aReaderThatLeavesIsNoError() throws {
        try expectAReaderThatLeavesToEnd("--length 300000", reader: "head -n 1")
    }

    /// A program that kept its text back would run for hours.
    @Test func outputIsFlushedAsItComes() throws {
        try expectAReaderThatLeavesToEnd("--length 100000000", reader: "head -c 10")
    }

    /// The program ends as the signal of a closed pipe would end it, and says no more than its seed.
    private func expectAReaderThatLeavesToEnd(_ options: String, reader: String) throws {
        let place = try trained()
        let result = try place.shell(
            "{ \"$charnn\" sample \(options) 2>errors; echo $? > status; } | \(reader)")
        #expect(result.status == 0 && !result.output.isEmpty)
        #expect(try place.read("status") == "141\n")
        #expect(try place.read("errors").split(separator: "\n").count == 1)
    }

    @Test func othersReadWhileOneTrains() throws {
        let place = try trained()
        let training = try place.start(
            ["train", "text.txt", "--steps", "100000", "--save-every", "50", "--eval-every", "50"] + tiny)
        training.waitFor("step 50 ")
        for seed in 1...4 {
            let both = try (0..<2).map { _ in try place.start(["sample", "--length", "200", "--seed", "\(seed)"]) }
            for result in both.map({ $0.wait() }) { #expect(result.status == 0, "\(result.errors)") }
            #expect(try place.run("runs").status == 0)
            #expect(try place.run("export", "latest", "copy-\(seed).sqlite").status == 0)
        }
        #expect(training.isRunning)
        training.signal(SIGTERM)
        #expect(training.wait().status == 143)
        #expect(place.files.filter { $0.hasPrefix("checkpoints/") } == ["checkpoints/jacquard.sqlite"])
    }
}
