import BuiltPrograms
import Digests
import Foundation
import GRDB
import Testing

@Suite struct NormalPathTests {
    @Test func trainsSamplesScoresShowsExportsAndRemoves() throws {
        let place = try Workplace()
        let trained = try place.train("--steps", "40", "--eval-every", "20", "--sample-every", "20")
        #expect(trained.status == 0)
        #expect(trained.output.isEmpty)
        for part in [
            "4,000 characters", "parameters", "40 steps", "4 lanes × window 16", "learning rate", "step 20  epoch",
            "sample at step 20:", "  | ", "Best validation", "Stored as run 'text-1'", "charnn sample --run text-1",
        ] {
            #expect(trained.errors.contains(part), "\(part) in \(trained.errors)")
        }
        #expect(place.files == ["checkpoints", "checkpoints/jacquard.sqlite", "text.txt"])

        let first = try place.run("sample", "--seed", "7", "--length", "200")
        #expect(first.status == 0)
        #expect(first.errors.contains("run 'text-1', step 40") && first.errors.contains("seed 7"))
        #expect(try place.run("sample", "--seed", "7", "--length", "200").output == first.output)
        #expect(try place.run("sample", "--seed", "8", "--length", "200").output != first.output)
        #expect((200...201).contains(first.output.unicodeScalars.count))

        let score = try place.run("eval", "text.txt", "--json").json
        let nats = try #require(score["nats_per_unit"] as? Double)
        #expect(score["units"] as? Int == 3999)
        #expect(score["unknown_units"] as? Int == 0)
        #expect(abs(try #require(score["bits_per_unit"] as? Double) - nats / log(2)) < 1e-9)
        #expect(abs(try #require(score["perplexity"] as? Double) - exp(nats)) < 1e-9 * exp(nats))
        #expect(score["bits_per_byte"] as? Double == score["bits_per_unit"] as? Double)
        #expect(nats < 3.2)

        let shown = try place.run("show", "text-1", "--json").json
        #expect(shown["steps"] as? Int == 40)
        // V = 26 characters and the replacement symbol; embedding 8, LSTM 32 with one bias, projection to V.
        let classes = try #require((shown["text"] as? [String: Any])?["classes"] as? Int)
        #expect(shown["parameters"] as? Int == classes * 8 + 4 * 32 * (8 + 32 + 1) + classes * 33)
        let best = try #require(shown["best_validation_nats"] as? Double)
        let again = try place.run("eval", "text.txt", "--part", "validation", "--json").json
        #expect(again["nats_per_unit"] as? Double == best)

        let runs = try place.run("runs", "--json").jsonArray
        #expect(runs.map { $0["run"] as? String } == ["text-1"])
        #expect(runs.first?["best_validation_nats"] as? Double == best)
        #expect(try place.run("runs").output.contains("text-1"))
        let page = try place.run("show", "latest").output
        for part in ["Again with", "validation loss", "Sample at step 40", "Events:", "finished"] {
            #expect(page.contains(part), "\(part) in \(page)")
        }

        #expect(try place.run("export", "text-1", "small.sqlite", "--weights-only").status == 0)
        #expect(try place.run("export", "text-1", "small.sqlite").status == 1)
        #expect(try place.run("export", "text-1", "small.sqlite", "--weights-only", "--force").status == 0)
        let exported = try place.run("sample", "--store", "small.sqlite", "--seed", "7", "--length", "200")
        #expect(exported.output == first.output)

        let unconfirmed = try place.run("remove", "text-1")
        #expect(unconfirmed.status == 1 && unconfirmed.errors.contains("--yes"))
        #expect(try place.run("remove", "text-1", "--yes").status == 0)
        let none = try place.run("sample")
        #expect(none.status == 1 && none.errors.contains("no charnn model has been trained yet"))
    }

    @Test func theFingerprintComesOutOfTheTables() throws {
        let place = try Workplace()
        try place.train("--steps", "20")
        let shown = try place.run("show", "text-1", "--json").json
        let queue = try DatabaseQueue(path: place.path("checkpoints/jacquard.sqlite"))
        let hash = try queue.read { database in
            var hash = SHA256()
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT name, shape, data FROM tensor JOIN checkpoint ON checkpoint.id = checkpoint_id
                    WHERE is_best = 1 AND section = 'parameter' ORDER BY name, chunk
                    """)
            for row in rows {
                hash.update(Array((row["name"] as String).utf8) + [0] + Array((row["shape"] as String).utf8) + [0])
                hash.update(Array(row["data"] as Data))
            }
            return hash.finish()
        }
        #expect(shown["weights_sha256"] as? String == hash)
    }

    /// Also where the time is over before warm-up is.
    @Test(arguments: ["1s", "0.0001s"])
    func theCommandThatIsShownMakesTheSameRun(limit: String) throws {
        let place = try Workplace()
        try place.write(Texts.sentences(6000), to: "a text.txt")
        let options = [
            "--stack", "rnn:24:12,gru:20", "--embedding", "0", "--dropout", "0.2", "--batch", "3", "--window", "10",
            "--random-windows", "--optimizer", "adam", "--lr", "0.004", "--schedule", "linear", "--warm-up", "4",
            "--weight-decay", "0.001", "--clip-norm", "2", "--clip-value", "0.5", "--validation", "500",
            "--eval-every", "15", "--seed", "9", "--unit", "byte", "--patience", "500", "--time-limit", limit,
        ]
        let first = try place.start(["train", "a text.txt"] + options).wait()
        #expect(first.status == 0, "\(first.errors)")
        let shown = try place.run("show", "latest", "--json", "--checkpoint", "latest").json
        let command = try #require(shown["command"] as? String)
        #expect(command.contains("--steps") && !command.contains("--time-limit"))
        let again = try place.shell(command.replacingOccurrences(of: "charnn ", with: "\"$charnn\" "))
        #expect(again.status == 0, "\(command): \(again.errors)")
        let repeated = try place.run("show", "latest", "--json", "--checkpoint", "latest").json
        #expect(repeated["run"] as? String != shown["run"] as? String)
        #expect(repeated["weights_sha256"] as? String == shown["weights_sha256"] as? String)
        // A run that its time has cut short is validated where it was cut.
        if shown["status"] as? String == "finished", !command.contains("--stop-after") {
            #expect(repeated["best_validation_nats"] as? Double == shown["best_validation_nats"] as? Double)
        }
        #expect(repeated["command"] as? String == command)

        // One more option each: defaults are left out, the four lanes among them, and what is said twice is said once.
        try place.train("--steps", "20")
        let plain = try place.run("show", "latest", "--json").json["command"] as? String
        #expect(plain?.hasSuffix("--steps 20 --stack lstm:32 --embedding 8 --window 16") ?? false)
    }

    @Test func aPlanSaysWhereTheTimeChoseItsSize() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(30_000), to: "long.txt")
        let short = try place.run("train", "long.txt", "--time-limit", "0.1s", "--dry-run").output
        let long = try place.run("train", "long.txt", "--time-limit", "1h", "--dry-run").output
        #expect(short.contains("without a limit it is lstm:256") && !short.contains("embedding 64, lstm:256"))
        #expect(!long.contains("without a limit") && long.contains("embedding 64, lstm:256"))
    }

    @Test func trainingEndsWithJSONForAProgram() throws {
        let place = try Workplace()
        let stopped = try place.train("--steps", "30", "--stop-after", "10", "--json").json
        #expect(stopped["status"] as? String == "interrupted" && stopped["steps"] as? Int == 10)
        let finished = try place.run("train", "--resume", "latest", "--json").json
        #expect(finished["status"] as? String == "finished" && finished["run"] as? String == "text-1")
        let shown = try place.run("show", "text-1", "--json").json
        #expect(finished["best_validation_nats"] as? Double == shown["best_validation_nats"] as? Double)
    }

    @Test func aDryRunStoresNothing() throws {
        let place = try Workplace()
        let result = try place.train("--dry-run")
        #expect(result.status == 0)
        for part in ["parameters", "Memory", "Time"] { #expect(result.output.contains(part)) }
        #expect(place.files == ["text.txt"])
        let json = try place.train("--dry-run", "--json").json
        #expect(json["parameters"] as? Int ?? 0 > 4000)
        // What the other precision would give here.
        #expect(result.output.contains("with --precision bf16") && json["other_precision"] as? String == "bf16")
        #expect(json["units_per_second_in_other_precision"] as? Double ?? 0 > 0)
        let half = try place.train("--dry-run", "--precision", "bf16")
        #expect(half.output.contains("with --precision single"), "\(half.output)")
        let reference = try place.train("--dry-run", "--json", "--cell", "gru-reset-before").json
        #expect(reference["other_precision"] is NSNull)
    }

    @Test func aTinyTextTrainsWithoutAFlag() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(500), to: "tiny.txt")
        let result = try place.run("train", "tiny.txt", "--steps", "30")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try place.run("sample", "--length", "20").status == 0)
    }

    @Test func helpHasAnExampleForEachCommand() throws {
        let place = try Workplace()
        let help = try place.run()
        #expect(help.status == 0 && help.output.contains("SUBCOMMANDS"))
        for command in ["train", "sample", "eval", "runs", "show", "export", "remove"] {
            #expect(help.output.contains(command))
            let page = try place.run(command, "--help")
            #expect(page.status == 0)
            #expect(page.output.contains("charnn \(command)") && page.output.contains("Example"), "\(page.output)")
        }
        #expect(place.files.isEmpty)
    }
}
