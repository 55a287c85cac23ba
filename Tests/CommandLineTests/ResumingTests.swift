import BuiltPrograms
import Checkpoints
import Foundation
import Testing

@Suite struct ResumingTests {
    private let options = ["--steps", "300", "--eval-every", "70", "--dropout", "0.3", "--sample-every", "90"]

    private func trainWhole(_ place: Workplace) throws {
        try place.write(Texts.sentences(4000), to: "text.txt")
        let result = try place.start(["train", "text.txt", "--name", "whole"] + tiny + options).wait()
        #expect(result.status == 0, "\(result.errors)")
    }

    /// Dropout, AdamW and a cosine schedule are on.
    @Test func stoppedAndResumedIsTheSameRunOnOtherThreads() throws {
        let place = try Workplace()
        try trainWhole(place)
        let stopped = try place.start(
            ["train", "text.txt", "--name", "parts", "--stop-after", "130", "--threads", "2"] + tiny + options
        ).wait()
        #expect(stopped.status == 0)
        #expect(stopped.errors.contains("charnn train --resume parts"))
        #expect(try place.fingerprint("parts") != place.fingerprint("whole"))
        let resumed = try place.run("train", "--resume", "parts", "--threads", "3")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.errors.contains("going on at step 130"))
        #expect(try place.fingerprint("parts") == place.fingerprint("whole"))
        let shown = try ["whole", "parts"].map { try place.run("show", $0, "--json").json }
        let best = try shown.map { try #require($0["best_validation_nats"] as? Double) }
        #expect(best[0] == best[1])
        let metrics = try shown.map { run in
            try #require(run["metrics"] as? [[String: Any]]).map { try #require($0["value"] as? Double) }
        }
        #expect(metrics[0] == metrics[1] && !metrics[0].isEmpty)
        let samples = try shown.map { run in
            try #require(run["samples"] as? [[String: Any]]).map { try #require($0["text"] as? String) }
        }
        #expect(samples[0] == samples[1] && samples[0].count == 3)
    }

    @Test func aSignalSavesAndTheRunGoesOn() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(4000), to: "text.txt")
        try place.expectSignalsToSave(
            training: "text.txt", tiny + ["--steps", "3000", "--eval-every", "200", "--dropout", "0.3"]
        ) { place.files }
    }

    @Test func whatNohupIgnoresStaysIgnored() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(4000), to: "text.txt")
        let running = try place.start(
            ["--ignore-signal=HUP", place.program.path, "train", "text.txt", "--steps", "4000", "--eval-every", "100"]
                + tiny, of: "/usr/bin/env")
        running.waitFor("step 100 ")
        running.signal(SIGHUP)
        let result = running.wait()
        #expect(result.status == 0 && result.errors.contains("Finished after 4,000 steps"), "\(result.errors)")
    }

    @Test func aSignalBeforeTrainingEndsAtOnce() throws {
        let place = try Workplace()
        _ = try place.shell("mkfifo pipe")
        let running = try place.start(
            ["--default-signal=INT", place.program.path, "train", "pipe"], of: "/usr/bin/env")
        // Opening the pipe for writing waits until the program has opened it for reading.
        let pipe = open(place.path("pipe"), O_WRONLY)
        defer { close(pipe) }
        #expect(pipe >= 0)
        running.signal(SIGINT)
        #expect(running.wait().status == 130)
        #expect(!place.exists("checkpoints"))
    }

    @Test func aRunThatNobodyWatchesIsSaved() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(4000), to: "text.txt")
        try place.expectARunThatNobodyWatchesToBeSaved(training: "text.txt", tiny)
    }

    @Test func aRunThatDivergesSaysSo() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(4000), to: "text.txt")
        try place.expectDivergence(place.start(["train", "text.txt"] + tiny + Workplace.divergent).wait())
    }

    @Test func onlySomeOptionsGoWithResume() throws {
        let place = try Workplace()
        try place.train("--steps", "60", "--stop-after", "20", "--dropout", "0.25")
        for (option, value, stored) in [
            ("--hidden", "64", "lstm:32"), ("--dropout", "0.5", "--dropout 0.25"), ("--lr", "1", "--lr 0.003"),
            ("--seed", "2", "--seed 1"), ("--batch", "9", "--batch 4"), ("--unit", "byte", "scalar"),
            ("--clip-value", "1", "no --clip-value"), ("--name", "other", "text-1"),
        ] {
            let result = try place.run("train", "--resume", "text-1", option, value)
            #expect(result.status == 1)
            #expect(result.errors.contains(option) && result.errors.contains(stored), "\(result.errors)")
        }
        try place.expectMoreStepsAndAnEnd(ofRunsCalled: "text")
    }

    @Test func theTextMustBeTheSame() throws {
        let place = try Workplace()
        try place.train("--steps", "60", "--stop-after", "20")
        _ = try place.shell("mv text.txt moved.txt")
        let lost = try place.run("train", "--resume", "text-1")
        #expect(lost.status == 1 && lost.errors.contains("text.txt") && lost.errors.contains("no such file"))
        try place.write(Texts.sentences(4001), to: "other.txt")
        let other = try place.run("train", "other.txt", "--resume", "text-1")
        #expect(other.status == 1 && other.errors.contains("not the one"))
        #expect(try place.run("train", "moved.txt", "--resume", "text-1").status == 0)
    }

    @Test func fineTuningMatchesCharacters() throws {
        let place = try Workplace()
        try place.train("--steps", "150", "--eval-every", "50")
        try place.write(Texts.sentences(3000).replacingOccurrences(of: "k", with: "ü"), to: "new.txt")
        let result = try place.run("train", "new.txt", "--from", "text-1", "--steps", "20", "--name", "tuned")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("1 character new to it, 1 character of its own"), "\(result.errors)")
        #expect(result.errors.contains("learning rate 0.001"))
        let fresh = try place.start(["train", "new.txt", "--steps", "20", "--name", "fresh"] + tiny).wait()
        #expect(fresh.status == 0)
        func loss(_ run: String) throws -> Double {
            try #require(place.run("show", run, "--json").json["best_validation_nats"] as? Double)
        }
        #expect(try loss("tuned") < loss("fresh") - 0.5)
        let sizes = try place.run("train", "new.txt", "--from", "text-1", "--hidden", "64")
        #expect(sizes.status == 1 && sizes.errors.contains("--hidden"))
    }

    /// A name may come to be another run's: what a run began with is known by its weights.
    @Test func runsThatBeganWithOthersAreToldApart() throws {
        let place = try Workplace()
        for (name, seed) in [("base", "1"), ("other", "2")] {
            try place.train("--steps", "10", "--name", name, "--seed", seed)
        }
        for name in ["base", "other"] {
            let tuned = try place.run(
                "train", "text.txt", "--from", name, "--steps", "10", "--seed", "3", "--name", "of-\(name)")
            #expect(tuned.status == 0, "\(tuned.errors)")
        }
        let compared = try place.run("compare", "of-base", "of-other")
        #expect(compared.output.contains("--from") && compared.output.contains("other, step 10"), "\(compared.output)")
        #expect(!compared.output.contains("are the same"))
        func again() throws -> String {
            let lines = try place.run("show", "of-base").output.split(separator: "\n")
            return try String(#require(lines.first { $0.hasPrefix("Again with") }))
        }
        #expect(try again().contains("--from base"))
        let removed = try place.run("remove", "base", "--yes")
        #expect(removed.status == 0 && removed.errors.contains("run 'of-base' began with the weights of 'base'"))
        #expect(!removed.errors.contains("of-other"))
        #expect(try again().contains("no single command: the weights that it began with, of run 'base', are not in"))
        let store = try CheckpointStore.open(at: place.path("checkpoints/jacquard.sqlite"), access: .readWrite)
        try store.rename(store.run(named: "other").id, to: "base")
        try store.close()
        #expect(try again().contains("no single command"))
    }

    @Test func aTimeLimitFixesTheSteps() throws {
        let place = try Workplace()
        let result = try place.train("--time-limit", "2s")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("fit into the time limit"))
    }
}
