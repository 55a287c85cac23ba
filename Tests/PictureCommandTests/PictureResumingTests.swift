import BuiltPrograms
import Foundation
import Testing

@Suite struct PictureResumingTests {
    /// Random numbers everywhere: noise or draws, augmentation, order; running statistics of the batches.
    @Test(arguments: ["plain", "denoising", "sparse", "variational"])
    func stoppedAndResumedIsTheSameRunOnOtherThreads(kind: String) throws {
        let place = try Workplace("ae")
        try place.makePictures()
        let options =
            tinyPictures + [
                "--kind", kind, "--steps", "120", "--eval-every", "25", "--augment-shift", "1", "--augment-flip",
            ]
        #expect(try place.start(["train", "pictures", "--name", "whole"] + options).wait().status == 0)
        let stopped = try place.start(
            ["train", "pictures", "--name", "parts", "--stop-after", "57", "--threads", "2"] + options
        ).wait()
        #expect(stopped.status == 0)
        #expect(stopped.errors.contains("ae train --resume parts"))
        #expect(try place.fingerprint("parts") != place.fingerprint("whole"))
        let resumed = try place.run("train", "--resume", "parts", "--threads", "3")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.errors.contains("going on at step 57"))
        #expect(try place.fingerprint("parts") == place.fingerprint("whole"))
        let whole = try place.run("show", "whole", "--json").json, parts = try place.run("show", "parts", "--json").json
        let best = try [parts, whole].map { try #require($0["best_validation_loss"] as? Double) }
        let metrics = try [parts, whole].map { run in
            try #require(run["metrics"] as? [[String: Any]]).map { try #require($0["value"] as? Double) }
        }
        #expect(best[0] == best[1] && metrics[0] == metrics[1] && !metrics[0].isEmpty)
        // Running statistics, which the fingerprint does not cover, are the same as well.
        let scores = try ["whole", "parts"].map {
            try place.run("eval", "pictures", "--run", $0, "--checkpoint", "latest", "--json").json["mse"] as? Double
        }
        #expect(scores[0] != nil && scores[0] == scores[1])
    }

    @Test func aSignalSavesAndTheRunGoesOn() throws {
        let place = try Workplace("ae")
        try place.makePictures()
        try place.expectSignalsToSave(
            training: "pictures",
            tinyPictures + ["--steps", "3000", "--eval-every", "200", "--kind", "variational"]
        ) { place.filesBesidesPictures }
    }

    @Test func aRunThatNobodyWatchesIsSaved() throws {
        let place = try Workplace("ae")
        try place.makePictures()
        try place.expectARunThatNobodyWatchesToBeSaved(training: "pictures", tinyPictures)
    }

    @Test func aRunThatDivergesSaysSo() throws {
        let place = try Workplace("ae")
        try place.makePictures()
        try place.expectDivergence(place.start(["train", "pictures"] + tinyPictures + Workplace.divergent).wait())
    }

    @Test func trainingStartsFromAnotherRun() throws {
        let place = try Workplace("ae")
        try place.trainPictures("--steps", "400", "--eval-every", "100", "--name", "first")
        try place.makePictures(44, in: "others")
        let result = try place.run(
            "train", "others", "--from", "first", "--steps", "30", "--kind", "denoising", "--noise", "0.01", "--name",
            "second")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("From      run 'first', step "), "\(result.errors)")
        #expect(result.errors.contains("learning rate 0.00133"), "\(result.errors)")
        let fresh = try place.start(["train", "others", "--steps", "30", "--name", "fresh"] + tinyPictures).wait()
        #expect(fresh.status == 0)
        func loss(_ run: String) throws -> Double {
            try #require(place.run("show", run, "--json").json["best_validation_loss"] as? Double)
        }
        #expect(try loss("second") < loss("fresh") / 2)
        // What `show` prints makes the run again.
        let shown = try place.run("show", "second")
        #expect(shown.output.contains("From        run 'first', step"), "\(shown.output)")
        let started = try place.run("show", "second", "--json").json["started_from"] as? [String: Any]
        #expect(started?["run"] as? String == "first")
        let command = try #require(shown.output.firstMatch(of: /ae train \S*others --from first .*/)?.0)
        #expect(try place.shell("\"$ae\"\(command.dropFirst(2)) --name again").status == 0)
        #expect(try place.fingerprint("again") == place.fingerprint("second"))
        for (option, value) in [
            ("--size", "12x12"), ("--code", "4"), ("--hidden", "16"), ("--channels", "6"), ("--architecture", "book"),
        ] {
            let refused = try place.run("train", "others", "--from", "first", option, value)
            #expect(
                refused.status == 1 && refused.errors.contains(option)
                    && refused.errors.contains("the model starts from run 'first'"), "\(refused.errors)")
        }
        let gray = try place.run("train", "others", "--from", "first", "--gray")
        #expect(gray.status == 1 && gray.errors.contains("--gray"), "\(gray.errors)")
        let kind = try place.run("train", "others", "--from", "first", "--kind", "variational")
        #expect(kind.status == 1 && kind.errors.contains("do not serve a variational one"), "\(kind.errors)")
        let numbers = try place.run("train", "others", "--from", "second", "--noise", "0.3", "--dry-run", "--json")
        #expect(numbers.status == 0 && numbers.json["noise"] as? Double == 0.3, "\(numbers.output)")
        let nats = try place.run("train", "others", "--from", "first", "--free-nats", "2")
        #expect(nats.status == 1 && nats.errors.contains("--kind variational, and this is plain"), "\(nats.errors)")
        let both = try place.run("train", "others", "--from", "first", "--resume", "second")
        #expect(both.status == 64 && both.errors.contains("not both"), "\(both.errors)")
        let none = try place.run("train", "others", "--from", "nobody")
        #expect(none.status == 1 && none.errors.contains("nobody"), "\(none.errors)")
    }

    @Test func onlySomeOptionsGoWithResume() throws {
        let place = try Workplace("ae")
        try place.trainPictures("--steps", "60", "--stop-after", "20", "--kind", "denoising", "--noise", "0.25")
        for (option, value, stored) in [
            ("--hidden", "64", "--hidden 16"), ("--code", "9", "--code 4"), ("--channels", "8", "--channels 6"),
            ("--architecture", "book", "--architecture standard"), ("--kind", "plain", "--kind denoising"),
            ("--lr", "1", "--lr 0.004"), ("--seed", "2", "--seed 1"), ("--batch", "9", "--batch 8"),
            ("--size", "9x9", "--size 12x12"), ("--validation", "5", "--validation 0.1"),
            ("--held-out", "pictures", "--validation 0.1"), ("--clip-norm", "3", "--clip-norm 1"),
            ("--patience", "3", "--patience none"), ("--augment-shift", "3", "--augment-shift 0"),
            ("--name", "other", "pictures-1"),
        ] {
            let result = try place.run("train", "--resume", "pictures-1", option, value)
            #expect(result.status == 1)
            #expect(
                result.errors.contains("\(option) cannot be changed") && result.errors.contains(stored),
                "\(result.errors)")
        }
        let noise = try place.run("train", "--resume", "pictures-1", "--kind", "denoising", "--noise", "0.5")
        #expect(noise.status == 1 && noise.errors.contains("--kind denoising"), "\(noise.errors)")
        for flag in ["--gray", "--augment-flip", "--strict"] {
            let result = try place.run("train", "--resume", "pictures-1", flag)
            #expect(result.status == 1 && result.errors.contains("\(flag) cannot be changed"), "\(result.errors)")
        }
        try place.expectMoreStepsAndAnEnd(ofRunsCalled: "pictures")
    }

    @Test func thePicturesMustBeTheSame() throws {
        let place = try Workplace("ae")
        try place.trainPictures("--steps", "60", "--stop-after", "20")
        _ = try place.shell("mv pictures moved")
        let lost = try place.run("train", "--resume", "pictures-1")
        #expect(lost.status == 1 && lost.errors.contains("cannot be read again"), "\(lost.errors)")
        #expect(lost.errors.contains("ae train PATH --resume pictures-1"))
        try place.makePictures(41, in: "other")
        let other = try place.run("train", "other", "--resume", "pictures-1")
        #expect(other.status == 1 && other.errors.contains("not those that run 'pictures-1'"), "\(other.errors)")
        #expect(try place.run("train", "moved", "--resume", "pictures-1").status == 0)
    }

    /// The paths as they were typed are no part of what the pictures are; the program says where they are now.
    @Test func picturesBelowSeveralPathsAreFoundAgain() throws {
        let place = try Workplace("ae")
        for (count, folder) in [(10, "a"), (11, "b"), (12, "c"), (13, "d")] {
            try place.makePictures(count, in: folder)
        }
        let paths = ["a", "b", "--held-out", "c", "--held-out", "d"]
        let began = try place.start(
            ["train"] + paths + tinyPictures
                + ["--name", "several", "--steps", "60", "--stop-after", "20", "--eval-every", "10"]
        ).wait()
        #expect(began.status == 0, "\(began.errors)")
        let score = try place.run("eval", "--part", "all", "--json")
        #expect(score.status == 0 && score.json["images"] as? Int == 46, "\(score.errors)")
        let resumed = try place.run("train", "--resume", "several", "--stop-after", "30")
        #expect(resumed.status == 0, "\(resumed.errors)")

        _ = try place.shell("mv a e && mv c f && mv d g")
        let lost = try place.run("train", "--resume", "several")
        #expect(lost.status == 1 && lost.errors.contains("cannot be read again"), "\(lost.errors)")
        let other = try place.run("train", "e", "b", "--held-out", "g", "--held-out", "f", "--resume", "several")
        #expect(other.status == 1, "\(other.errors)")
        #expect(other.errors.contains("pictures held out are not those that run 'several' held out"), "\(other.errors)")
        let held = ["--held-out", "f", "--held-out", "g"]
        let moved = try place.start(["eval", "e", "b", "--part", "validation", "--json"] + held).wait()
        #expect(moved.status == 0 && moved.json["images"] as? Int == 25, "\(moved.errors)")
        let alone = try place.start(["eval", "e"] + held).wait()
        #expect(alone.status == 64 && alone.errors.contains("give --part too"), "\(alone.errors)")
        let whole = try place.start(["train", "e", "b", "--resume", "several"] + held).wait()
        #expect(whole.status == 0, "\(whole.errors)")
        // What comes next is said of where they are now.
        #expect(whole.errors.contains("ae reconstruct e b --run several"), "\(whole.errors)")
    }
}
