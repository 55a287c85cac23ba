import BuiltPrograms
import Foundation
import Testing

@Suite struct PictureNormalPathTests {
    @Test func trainsMeasuresShowsExportsAndRemoves() throws {
        let place = try Workplace("ae")
        let trained = try place.trainPictures("--steps", "60", "--eval-every", "20")
        #expect(trained.status == 0 && trained.output.isEmpty)
        for part in [
            "40 pictures, 12×12 gray", "36 to train, 4 to validate", "code 4", "levels of 6 channels", "parameters",
            "60 steps (15 epochs) of 8 pictures", "learning rate", "PCA with 4 components 0.", "step 20  epoch 5.00",
            "Best validation 0.", "over 4 images", "Stored as run 'pictures-1'", "ae reconstruct ", "--run pictures-1",
        ] {
            #expect(trained.errors.contains(part), "\(part) in \(trained.errors)")
        }
        #expect(place.filesBesidesPictures == ["checkpoints", "checkpoints/jacquard.sqlite"])

        let score = try place.run("eval", "--part", "validation", "--json").json
        let error = try #require(score["mse"] as? Double), baseline = try #require(score["pca_mse"] as? Double)
        #expect(score["images"] as? Int == 4 && score["unreadable"] as? Int == 0)
        #expect(score["code"] as? Int == 4 && score["pca_components"] as? Int == 4)
        #expect(try #require(score["mae"] as? Double) > error && error > 0)
        #expect(score.keys.contains("negative_elbo_nats") && score["negative_elbo_nats"] is NSNull)
        // The last line of training says the same.
        #expect(trained.errors.contains(String(format: "Best validation %.5f", error)))
        #expect(trained.errors.contains(String(format: "PCA with 4 components %.5f", baseline)))

        let shown = try place.run("show", "pictures-1", "--json").json
        #expect(shown["steps"] as? Int == 60 && shown["code"] as? Int == 4 && shown["kind"] as? String == "plain")
        #expect(shown["best_validation_loss"] as? Double == error)
        let recorded = try #require(shown["pca_mse"] as? Double)
        #expect(abs(recorded - baseline) < 1e-6 * baseline)
        let pictures = try #require(shown["pictures"] as? [String: Any])
        #expect(pictures["training"] as? Int == 36 && pictures["validation"] as? Int == 4)
        #expect(pictures["width"] as? Int == 12 && pictures["planes"] as? Int == 1)
        // Convolution 9·6, normalization 12; dense 216→16→4→16→216; transposed convolution 16·6 with a bias.
        #expect(shown["parameters"] as? Int == 54 + 12 + 217 * 16 + 17 * 4 + 5 * 16 + 17 * 216 + 97)
        let page = try place.run("show", "latest").output
        for part in ["Again with", "validation loss", "Baseline", "PCA with 4", "Events:", "finished", "36 to train"] {
            #expect(page.contains(part), "\(part) in \(page)")
        }

        let runs = try place.run("runs", "--json").jsonArray
        #expect(runs.map { $0["run"] as? String } == ["pictures-1"])
        #expect(runs.first?["best_validation_loss"] as? Double == error)
        #expect(try place.run("runs").output.contains(String(format: "%.5f", error)))

        let exporting = try place.run("export", "pictures-1", "small.sqlite", "--weights-only")
        #expect(exporting.status == 0 && exporting.errors.contains("ae reconstruct images --store small.sqlite"))
        let moved = try place.run("eval", "--part", "validation", "--json", "--store", "small.sqlite")
        #expect(moved.json["mse"] as? Double == error, "\(moved.errors)")
        #expect(try place.run("remove", "pictures-1", "--yes").status == 0)
        let none = try place.run("eval", "pictures")
        #expect(none.status == 1 && none.errors.contains("no ae model has been trained yet"))
    }

    @Test func partsAndOtherPictures() throws {
        let place = try Workplace("ae")
        #expect(try place.trainPictures("--steps", "20", "--validation", "last:10").status == 0)
        func images(_ arguments: String...) throws -> Int? {
            let result = try place.start(["eval", "--json"] + arguments).wait()
            #expect(result.status == 0, "\(result.errors)")
            return result.json["images"] as? Int
        }
        #expect(try images("--part", "training") == 30)
        #expect(try images("--part", "validation") == 10)
        #expect(try images("--part", "all") == 40)
        #expect(try images("pictures") == 40)
        // Of another size and in color: fitted into what the model sees.
        try place.makePictures(7, in: "other", width: 30, height: 17, channels: 3)
        #expect(try images("other") == 7)
        #expect(try images("other", "pictures/000.png") == 8)
        let page = try place.run("eval", "other").output
        for part in [
            "mean squared error", "of PCA with 4 components", "mean absolute error", "7  images", "12×12 gray",
        ] {
            #expect(page.contains(part), "\(part) in \(page)")
        }
        // The run's own pictures, but where they are now.
        _ = try place.shell("mv pictures moved")
        let lost = try place.run("eval", "--part", "training")
        #expect(lost.status == 1 && lost.errors.contains("pictures") && lost.errors.contains("cannot be read again"))
        #expect(try images("moved", "--part", "training") == 30)
        let others = try place.run("eval", "other", "--part", "training")
        #expect(others.status == 1 && others.errors.contains("not those that run 'pictures-1' was trained on"))
    }

    @Test func variationalModelsSayNats() throws {
        let place = try Workplace("ae")
        let trained = try place.trainPictures("--kind", "variational", "--steps", "60", "--kl-warm-up", "20")
        #expect(trained.status == 0)
        for part in [
            "variational (free-nats 0)", "nats an image (", "of 4 units active)", "mean squared error on 0...1",
        ] {
            #expect(trained.errors.contains(part), "\(part) in \(trained.errors)")
        }
        let result = try place.run("eval", "--part", "validation", "--json")
        func value(_ key: String) throws -> Double { try #require(result.json[key] as? Double, "\(key)") }
        #expect(try value("negative_elbo_nats") == value("reconstruction_nats") + value("divergence_nats"))
        #expect(try value("reconstruction_nats") > value("floor_nats"))
        #expect(try abs(value("bits_per_dimension") - value("negative_elbo_nats") / log(2) / 144) < 1e-9)
        #expect(try (0...4).contains(#require(result.json["active_units"] as? Int)))
        let shown = try place.run("show", "latest", "--json").json
        #expect(try shown["best_validation_loss"] as? Double == value("negative_elbo_nats"))
        let page = try place.run("eval", "--part", "validation").output
        for part in ["negative evidence lower bound", "bits per dimension", "units of the code active", "one draw"] {
            #expect(page.contains(part), "\(part) in \(page)")
        }
    }

    @Test func theBooksErrorIsOnItsScale() throws {
        let place = try Workplace("ae")
        try place.makePictures(24)
        let trained = try place.run("train", "pictures", "--architecture", "book", "--steps", "20", "--code", "5")
        #expect(trained.status == 0 && trained.errors.contains("on -1...1"), "\(trained.errors)")
        #expect(trained.errors.contains("momentum, learning rate 0.01, constant"))
        let score = try place.run("eval", "--part", "validation", "--json").json
        let error = try #require(score["mse"] as? Double)
        #expect(score["mse_minus_one_to_one"] as? Double == 4 * error)
        #expect(try place.run("show", "latest", "--json").json["best_validation_loss"] as? Double == 4 * error)
        #expect(try place.run("eval", "pictures").output.contains("on the book's scale, -1...1"))
    }

    /// Also where the time is over before warm-up is.
    @Test(arguments: ["1s", "0.0001s"])
    func theCommandThatIsShownMakesTheSameRun(limit: String) throws {
        let place = try Workplace("ae")
        try place.makePictures(40, in: "my pictures", width: 17, height: 9, channels: 3)
        let options = [
            "--kind", "denoising", "--noise", "0.15", "--masking", "0.05", "--size", "10x11", "--gray", "--code", "3",
            "--channels", "4,5", "--hidden", "0", "--batch", "6", "--optimizer", "adam", "--lr", "0.004",
            "--schedule", "linear", "--warm-up", "4", "--weight-decay", "0.001", "--clip-norm", "2",
            "--validation", "last:9", "--eval-every", "15", "--seed", "9", "--patience", "500", "--augment-shift", "1",
            "--augment-flip", "--augment-brightness", "0.25", "--time-limit", limit,
        ]
        let first = try place.start(["train", "my pictures"] + options).wait()
        #expect(first.status == 0, "\(first.errors)")
        let shown = try place.run("show", "latest", "--json", "--checkpoint", "latest").json
        let command = try #require(shown["command"] as? String)
        #expect(command.contains("--steps") && !command.contains("--time-limit"))
        let again = try place.shell(command.replacingOccurrences(of: "ae train", with: "\"$ae\" train"))
        #expect(again.status == 0, "\(command): \(again.errors)")
        let repeated = try place.run("show", "latest", "--json", "--checkpoint", "latest").json
        #expect(repeated["run"] as? String != shown["run"] as? String)
        #expect(repeated["weights_sha256"] as? String == shown["weights_sha256"] as? String)
        #expect(repeated["command"] as? String == command)
    }

    /// Defaults are left out of that command, whatever kind of model it makes.
    @Test func theCommandIsShort() throws {
        let place = try Workplace("ae")
        try place.trainPictures("--steps", "10")
        func command() throws -> String {
            try #require(try place.run("show", "latest", "--json").json["command"] as? String)
        }
        #expect(try command().hasSuffix("--steps 10 --code 4 --channels 6 --hidden 16 --batch 8"))
        _ = try place.run("train", "pictures", "--kind", "sparse", "--steps", "5")
        #expect(try command().hasSuffix("pictures --steps 5 --kind sparse"))
        _ = try place.run("train", "pictures", "--architecture", "book", "--steps", "5")
        #expect(try command().hasSuffix("pictures --steps 5 --architecture book"))
        _ = try place.run(
            "train", "pictures/000.png", "pictures/001.png", "--held-out", "pictures/002.png", "--steps", "5")
        #expect(try command().contains(" --steps 5 --held-out /") && command().hasSuffix("pictures/002.png"))
    }

    @Test func heldOutPicturesOfTheirOwn() throws {
        let place = try Workplace("ae")
        try place.makePictures(9, in: "held", width: 20, height: 20)
        let trained = try place.trainPictures("--steps", "20", "--held-out", "held")
        #expect(trained.status == 0 && trained.errors.contains("40 to train, 9 to validate"), "\(trained.errors)")
        #expect(trained.errors.contains("held out: 9 pictures, 20×20 gray"))
        #expect(try place.run("eval", "--part", "validation", "--json").json["images"] as? Int == 9)
        #expect(try place.run("eval", "--part", "all", "--json").json["images"] as? Int == 49)
        let none = try place.trainPictures("--steps", "20", "--validation", "none")
        #expect(none.status == 0 && none.errors.contains("40 to train, 0 to validate"), "\(none.errors)")
        let part = try place.run("eval", "--part", "validation")
        #expect(part.status == 1 && part.errors.contains("validation part of run 'pictures-2'"), "\(part.errors)")
    }

    @Test func trainingEndsWithJSONForAProgram() throws {
        let place = try Workplace("ae")
        let stopped = try place.trainPictures("--steps", "30", "--stop-after", "10", "--json").json
        #expect(stopped["status"] as? String == "interrupted" && stopped["steps"] as? Int == 10)
        let finished = try place.run("train", "--resume", "latest", "--json").json
        #expect(finished["status"] as? String == "finished" && finished["run"] as? String == "pictures-1")
        let shown = try place.run("show", "pictures-1", "--json").json
        #expect(finished["best_validation_loss"] as? Double == shown["best_validation_loss"] as? Double)
        #expect(finished["mse"] as? Double == shown["best_validation_loss"] as? Double)
        #expect(try #require(finished["pca_mse"] as? Double) > 0)
    }

    @Test func aDryRunStoresNothing() throws {
        let place = try Workplace("ae")
        let result = try place.trainPictures("--dry-run")
        #expect(result.status == 0)
        for part in [
            "40 pictures", "parameters", "Baseline", "Memory", "Time", "images a second", "with --precision bf16",
        ] {
            #expect(result.output.contains(part), "\(part) in \(result.output)")
        }
        #expect(place.filesBesidesPictures.isEmpty)
        let json = try place.trainPictures("--dry-run", "--json").json
        #expect(json["parameters"] as? Int == 7_455 && json["training_pictures"] as? Int == 36)
        #expect(json["units_per_second_in_other_precision"] as? Double ?? 0 > 0)
    }

    @Test func aTimeLimitFixesTheSteps() throws {
        let place = try Workplace("ae")
        let result = try place.trainPictures("--time-limit", "2s")
        #expect(result.status == 0, "\(result.errors)")
        let shown = try place.run("show", "latest", "--json").json
        let steps = try #require(shown["steps"] as? Int), events = try #require(shown["events"] as? [[String: Any]])
        func event(_ kind: String) -> (step: Int, message: String)? {
            guard let found = events.first(where: { $0["kind"] as? String == kind }), let step = found["step"] as? Int,
                let message = found["message"] as? String
            else { return nil }
            return (step, message)
        }
        let fixed = try #require(event("steps_fixed"), "\(events)")
        let planned = try #require(Int(fixed.message.prefix { $0.isNumber }))
        #expect(fixed.message == "\(planned) steps fit into the time limit" && fixed.step < planned)
        #expect(result.errors.contains("steps fit into the time limit"))
        // All of them, or fewer and a word of it.
        #expect(fixed.step < steps && steps <= planned && event("finished")?.step == steps, "\(events)")
        #expect(steps == planned || event("cut_short")?.step == steps, "\(events)")
    }

    @Test func helpHasAnExampleForEachCommand() throws {
        let place = try Workplace("ae")
        let help = try place.run()
        #expect(help.status == 0 && help.output.contains("SUBCOMMANDS"))
        for command in ["train", "eval", "runs", "show", "export", "remove"] {
            #expect(help.output.contains(command))
            let page = try place.run(command, "--help")
            #expect(page.status == 0)
            #expect(page.output.contains("ae \(command)") && page.output.contains("Example"), "\(page.output)")
        }
        #expect(place.files.isEmpty)
        #expect(try place.run("--version").output == "0.1.0\n")
    }
}
