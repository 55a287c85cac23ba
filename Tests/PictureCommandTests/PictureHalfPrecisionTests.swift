import BuiltPrograms
import Foundation
import Testing

/// `ae train --precision bf16`, as its user sees it.
@Suite struct PictureHalfPrecisionTests {
    static let options = ["--steps", "12", "--eval-every", "6", "--precision", "bf16"]

    /// Enough channels for every product of a convolution, and two blocks of pictures.
    @discardableResult
    private static func train(
        _ options: [String], in place: Workplace, environment: [String: String] = [:]
    ) throws -> Program.Result {
        try place.makePictures()
        let sizes = ["--code", "4", "--channels", "16,24", "--hidden", "16", "--batch", "20"]
        return try place.start(["train", "pictures"] + sizes + options, environment: environment).wait()
    }

    @Test func theRunSaysItAndIsMadeAgain() throws {
        let place = try Workplace("ae")
        let result = try Self.train(Self.options, in: place)
        #expect(result.status == 0 && result.errors.contains("20 pictures, bf16"), "\(result.errors)")
        let weights = try place.fingerprint(), shown = try place.run("show", "latest", "--json").json
        #expect((shown["configuration"] as? [String: Any])?["precision"] as? String == "bf16")
        #expect(try place.run("show", "latest").output.contains("20 pictures a step, bf16, adamw"))
        let command = try #require(shown["command"] as? String)
        #expect(command.contains("--precision bf16"))
        #expect(try place.shell(command.replacingOccurrences(of: "ae train", with: "\"$ae\" train")).status == 0)
        #expect(try place.fingerprint() == weights)
        // Single precision is another run, and says nothing of it.
        let single = try Self.train(Array(Self.options.dropLast(2)), in: place)
        #expect(single.status == 0 && !single.errors.contains(", bf16"), "\(single.errors)")
        #expect(try place.fingerprint() != weights)
        let plain = try place.run("show", "latest", "--json").json
        #expect((plain["configuration"] as? [String: Any])?.keys.contains("precision") == false)
        #expect((plain["command"] as? String)?.contains("--precision") == false)
        let wrong = try Self.train(["--precision", "half"], in: place)
        #expect(wrong.status == 64 && wrong.errors.contains("single or bf16"), "\(wrong.errors)")
    }

    @Test func theBitsAreTheSameEverywhere() throws {
        let place = try Workplace("ae")
        #expect(try Self.train(Self.options + ["--name", "whole"], in: place).status == 0)
        let weights = try place.fingerprint("whole")
        let machine = try #require(try place.run("selftest", "--json").json["machine"] as? [String: Any])
        for set in try #require(machine["instruction_sets"] as? [String]) where set != "portable" {
            for threads in 1...3 {
                let name = "\(set)-\(threads)"
                let result = try Self.train(
                    Self.options + ["--name", name, "--threads", "\(threads)"], in: place,
                    environment: ["JACQUARD_ISA": set])
                let computing = "\(threads) thread\(threads > 1 ? "s" : ""), \(set)\n"
                #expect(result.status == 0 && result.errors.contains(computing), "\(result.errors)")
                #expect(try place.fingerprint(name) == weights, "\(set), \(threads) threads")
            }
        }
    }

    @Test func aStoppedRunGoesOnInItsPrecision() throws {
        let place = try Workplace("ae")
        #expect(try Self.train(Self.options, in: place).status == 0)
        let weights = try place.fingerprint()
        #expect(try Self.train(Self.options + ["--stop-after", "5"], in: place).status == 0)
        #expect(try place.fingerprint() != weights)
        try place.expectPrecisionToLast(training: "pictures", weights: weights)
    }

    /// With a rate that changes no weight, whatever uses the weights says the same of runs of both precisions: all but the
    /// running statistics, which training measures. The book's network has none.
    @Test func validationAndUseAreInSinglePrecision() throws {
        let place = try Workplace("ae")
        try place.makePictures()
        func outcome(_ options: [String]) throws -> (validation: Double?, eval: Double?, codes: String) {
            let sizes = ["--architecture", "book", "--code", "4", "--batch", "20"]
            let result = try place.start(
                ["train", "pictures", "--steps", "6", "--eval-every", "3", "--lr", "1e-30"] + sizes + options
            ).wait()
            #expect(result.status == 0, "\(result.errors)")
            #expect(try place.run("encode", "pictures", "-o", "codes.csv", "--force").status == 0)
            return (
                try place.run("show", "latest", "--json").json["best_validation_loss"] as? Double,
                try place.run("eval", "pictures", "--json").json["mse"] as? Double, try place.read("codes.csv")
            )
        }
        let single = try outcome([]), half = try outcome(["--precision", "bf16"])
        #expect(single.validation != nil && single.validation == half.validation)
        #expect(single.eval != nil && single.eval == half.eval)
        #expect(single.codes == half.codes && !single.codes.isEmpty)
    }
}
