import BuiltPrograms
import Foundation
import Testing

/// What a run makes of itself, as its user sees it.
@Suite struct JudgmentTests {
    /// Enough characters for a class more or less not to matter.
    static let options = ["--hidden", "24", "--layers", "1", "--embedding", "8", "--batch", "4", "--window", "16"]

    @Test(arguments: [["--optimizer", "sgd", "--lr", "1e6"], ["--lr", "100"]])
    func aDivergedRunIsAFailure(_ rate: [String]) throws {
        let place = try Workplace()
        try place.write(Texts.sentences(3000), to: "text.txt")
        let result = try place.start(["train", "text.txt", "--steps", "200"] + Self.options + rate).wait()
        #expect(result.status == 1)
        #expect(result.errors.contains("Going back to step") && result.errors.contains("Try a lower --lr"))
        #expect(!result.errors.contains("Best validation"))
        #expect(try place.run("runs", "--json").jsonArray.first?["status"] as? String == "failed")
    }

    @Test func theNormIsNotClippedWhereNobodyWantsIt() throws {
        let place = try Workplace()
        func plan(_ options: [String]) throws -> (errors: String, clips: [Any?], weights: String, command: String) {
            let result = try place.train(["--steps", "12"] + options)
            #expect(result.status == 0, "\(result.errors)")
            let shown = try place.run("show", "latest", "--json").json
            let stored = shown["configuration"] as? [String: Any] ?? [:]
            return (
                result.errors, [stored["clip_norm"], stored["clip_value"]], try place.fingerprint(),
                shown["command"] as? String ?? ""
            )
        }
        let usual = try plan([]), off = try plan(["--clip-norm", "0"]), none = try plan(["--clip-norm", "none"])
        #expect(off.errors.contains("norm not clipped") && off.command.contains("--clip-norm none"))
        #expect(off.weights == none.weights)
        let byValue = try plan(["--clip-norm", "none", "--clip-value", "0.001"])
        #expect(byValue.weights != off.weights && byValue.errors.contains("values clipped at 0.001"))
        #expect(usual.errors.contains("norm clipped at 1") && !usual.command.contains("--clip"))
        // The command that is shown makes the same run, and it goes on as it began.
        for run in [off, byValue] {
            let again = try place.shell(run.command.replacingOccurrences(of: "charnn ", with: "\"$charnn\" "))
            #expect(again.status == 0, "\(again.errors)")
            #expect(try place.fingerprint() == run.weights)
        }
        try place.train("--steps", "12", "--clip-norm", "none", "--clip-value", "0.001", "--stop-after", "5")
        #expect(try place.run("train", "--resume", "latest").status == 0)
        #expect(try place.fingerprint() == byValue.weights)
    }

    /// Sentences in lines: a list. The parts that are scored later are those of the run, and other rules can be chosen.
    @Test func whatIsHeldOutIsSaidAndScored() throws {
        let place = try Workplace()
        let listed = try place.train("--steps", "30")
        #expect(listed.errors.contains("held out: whole lines from everywhere"))
        let stored = try place.run("show", "latest", "--json").json
        let best = try #require(stored["best_validation_nats"] as? Double)
        let scored = try place.run("eval", "text.txt", "--part", "validation", "--json").json
        #expect(abs((scored["nats_per_unit"] as? Double ?? 0) - best) < 1e-6)
        // Stopped and resumed it is the same.
        let weights = try place.fingerprint()
        try place.train("--steps", "30", "--stop-after", "11")
        #expect(try place.run("train", "--resume", "latest").status == 0)
        #expect(try place.fingerprint() == weights)
        var fingerprints = [weights]
        for rule in ["tail", "spread", "lines:0.2", "spread:900"] {
            let result = try place.train("--steps", "30", "--validation", rule, "--test", "0.05")
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.errors.contains("held out: ") == !rule.hasPrefix("tail"))
            let command = try #require(try place.run("show", "latest", "--json").json["command"] as? String)
            #expect(command.contains("--validation"), "\(command)")
            let fingerprint = try place.fingerprint()
            let again = try place.shell(command.replacingOccurrences(of: "charnn ", with: "\"$charnn\" "))
            #expect(again.status == 0, "\(command): \(again.errors)")
            #expect(try place.fingerprint() == fingerprint, "\(command)")
            fingerprints.append(fingerprint)
            let test = try place.run("eval", "text.txt", "--part", "test", "--json").json
            #expect(test["units"] as? Int ?? 0 > 100)
        }
        #expect(Set(fingerprints).count == 5)
    }

    /// A text learned by heart: the run ends when its loss rises, unless it is told otherwise.
    @Test func aRunEndsWhenItIsDone() throws {
        let place = try Workplace()
        var number = 5
        let noise = (0..<600).map { _ -> Character in
            number = (number &* 1_103_515_245 &+ 12_345) & 0x7fff_ffff
            return Character(Unicode.Scalar(UInt8(97 + (number >> 12) % 4)))
        }
        try place.write(String(noise), to: "noise.txt")
        let options = ["train", "noise.txt", "--dropout", "0", "--lr", "0.02", "--json"]
        let ended = try place.start(options).wait()
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(ended.errors.contains("ends when its loss has clearly risen"))
        #expect(ended.errors.contains("Validation stopped improving"))
        #expect(ended.json["ended_early"] as? Bool == true)
        let steps = try #require(ended.json["steps"] as? Int)
        let whole = try place.start(options + ["--patience", "none"]).wait()
        #expect(whole.json["ended_early"] as? Bool == false && whole.json["steps"] as? Int ?? 0 > 2 * steps)
        #expect(whole.json["best_step"] as? Int == ended.json["best_step"] as? Int)
        #expect(whole.json["best_validation_nats"] as? Double == ended.json["best_validation_nats"] as? Double)
        // Who gives a number of steps gets them.
        let given = try place.start(options + ["--steps", "\(steps + 10)"]).wait()
        #expect(given.json["steps"] as? Int == steps + 10)
    }

    @Test func aRunThatIsStoppedSaysWhatItsBestIs() throws {
        let place = try Workplace()
        let result = try place.train("--steps", "100", "--eval-every", "10", "--stop-after", "25", "--json")
        #expect(result.errors.contains("Best validation so far ") && result.errors.contains(", at step 20"))
        #expect(result.json["best_step"] as? Int == 20)
        #expect(result.json["best_validation_so_far"] as? Double ?? 0 > 1)
    }
}
