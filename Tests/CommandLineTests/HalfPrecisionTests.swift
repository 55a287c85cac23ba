import BuiltPrograms
import Foundation
import Testing

/// `charnn train --precision bf16`, as its user sees it.
@Suite struct HalfPrecisionTests {
    static let options = ["--steps", "12", "--eval-every", "6", "--precision", "bf16"]

    @Test func theRunSaysItAndIsMadeAgain() throws {
        let place = try Workplace()
        let result = try place.train(Self.options)
        #expect(result.status == 0 && result.errors.contains(", bf16"), "\(result.errors)")
        let weights = try place.fingerprint(), shown = try place.run("show", "latest", "--json").json
        #expect((shown["configuration"] as? [String: Any])?["precision"] as? String == "bf16")
        #expect(try place.run("show", "latest").output.contains("window 16, bf16, adamw"))
        let command = try #require(shown["command"] as? String)
        #expect(command.contains("--precision bf16"))
        #expect(try place.shell(command.replacingOccurrences(of: "charnn ", with: "\"$charnn\" ")).status == 0)
        #expect(try place.fingerprint() == weights)
        // Single precision is another run, and says nothing of it.
        let single = try place.train(Array(Self.options.dropLast(2)))
        #expect(!single.errors.contains(", bf16"))
        #expect(try place.fingerprint() != weights)
        let plain = try place.run("show", "latest", "--json").json
        #expect((plain["configuration"] as? [String: Any])?.keys.contains("precision") == false)
        #expect((plain["command"] as? String)?.contains("--precision") == false)
    }

    @Test func theBitsAreTheSameEverywhere() throws {
        let place = try Workplace()
        #expect(try place.train(Self.options + ["--name", "whole"]).status == 0)
        let weights = try place.fingerprint("whole")
        let machine = try #require(try place.run("selftest", "--json").json["machine"] as? [String: Any])
        for set in try #require(machine["instruction_sets"] as? [String]) where set != "portable" {
            for threads in 1...3 {
                let name = "\(set)-\(threads)"
                let result = try place.train(
                    Self.options + ["--name", name, "--threads", "\(threads)"], environment: ["JACQUARD_ISA": set])
                let computing = "\(threads) thread\(threads > 1 ? "s" : ""), \(set)\n"
                #expect(result.status == 0 && result.errors.contains(computing), "\(result.errors)")
                #expect(try place.fingerprint(name) == weights, "\(set), \(threads) threads")
            }
        }
    }

    @Test func aStoppedRunGoesOnInItsPrecision() throws {
        let place = try Workplace()
        #expect(try place.train(Self.options).status == 0)
        let weights = try place.fingerprint()
        #expect(try place.train(Self.options + ["--stop-after", "5"]).status == 0)
        #expect(try place.fingerprint() != weights)
        try place.expectPrecisionToLast(training: "text.txt", weights: weights)
    }

    /// With a rate that changes no weight, whatever uses the weights says the same of runs of both precisions.
    @Test func validationAndUseAreInSinglePrecision() throws {
        let place = try Workplace()
        func outcome(_ options: [String]) throws -> (validation: Double?, eval: Double?, text: String) {
            let result = try place.train(["--steps", "6", "--eval-every", "3", "--lr", "1e-30"] + options)
            #expect(result.status == 0, "\(result.errors)")
            return (
                try place.run("show", "latest", "--json").json["best_validation_nats"] as? Double,
                try place.run("eval", "text.txt", "--json").json["nats_per_unit"] as? Double,
                try place.run("sample", "--length", "60", "--seed", "3").output
            )
        }
        let single = try outcome([]), half = try outcome(["--precision", "bf16"])
        #expect(single.validation != nil && single.validation == half.validation)
        #expect(single.eval != nil && single.eval == half.eval)
        #expect(single.text == half.text && !single.text.isEmpty)
    }

    @Test func whatHasNoKernelsIsRefused() throws {
        let place = try Workplace()
        let result = try place.train(["--cell", "gru-reset-before", "--precision", "bf16"])
        #expect(result.status != 0)
        #expect(
            result.errors.contains("--precision: a layer gru-reset-before is only computed in single precision"),
            "\(result.errors)")
        let wrong = try place.train(["--precision", "half"])
        #expect(wrong.status == 64 && wrong.errors.contains("single or bf16"), "\(wrong.errors)")
    }
}
