import BuiltPrograms
import Foundation
import Images
import Testing

@Suite struct PictureBadInputTests {
    struct BadFile: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let name: String
        /// Nil: there is none.
        let bytes: [UInt8]?
        let message: String
    }

    static let badFiles: [BadFile] = {
        let png = (try? PNG.encode(Pictures.spot(1, width: 40, height: 40))) ?? []
        return [
            BadFile(
                testDescription: "no such file", name: "missing.png", bytes: nil, message: "missing.png: no such file"),
            BadFile(
                testDescription: "text named like a picture", name: "text.png", bytes: Array("a letter\n".utf8),
                message: "text.png: is not a picture: it is a text file"),
            BadFile(testDescription: "empty", name: "empty.png", bytes: [], message: "empty.png: is not a picture"),
            BadFile(
                testDescription: "a PNG cut in its header", name: "short.png", bytes: Array(png.prefix(20)),
                message: "short.png: is cut short"),
            BadFile(
                testDescription: "a PNG cut in its pixels", name: "cut.png", bytes: Array(png.dropLast(40)),
                message: "cut.png: is cut short"),
            BadFile(
                testDescription: "a JPEG cut in its pixels", name: "cut.jpg", bytes: Array(Pictures.jpeg.dropLast(30)),
                message: "cut.jpg: is cut short"),
            BadFile(
                testDescription: "a picture that is far too large", name: "huge.png",
                bytes: Pictures.header(width: 30_000, height: 30_000),
                message: "huge.png: is too large: 30000 × 30000 pixels"),
        ]
    }()

    /// Every one of these must end with 1, say what was wrong, and leave no store behind.
    @Test(arguments: badFiles) func aBadFileAlone(_ file: BadFile) throws {
        let place = try Workplace("ae")
        if let bytes = file.bytes { try place.write(bytes, to: file.name) }
        let before = place.files
        let result = try place.run("train", file.name)
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("Error: ") && result.errors.contains(file.message), "\(result.errors)")
        #expect(result.output.isEmpty && place.files == before)
    }

    @Test func theJPEGIsAPictureWhenItIsWhole() throws {
        let place = try Workplace("ae")
        try place.write(Pictures.jpeg, to: "whole.jpg")
        let result = try place.run("train", "whole.jpg", "--steps", "3")
        #expect(result.status == 0 && result.errors.contains("1 picture, 16×16 gray"), "\(result.errors)")
    }

    /// One bad file among many is named, skipped and counted; pictures that are asked for by name must be there.
    @Test(arguments: badFiles.filter { $0.bytes != nil }) func aBadFileAmongMany(_ file: BadFile) throws {
        let place = try Workplace("ae")
        try place.makePictures(20)
        try place.write(file.bytes ?? [], to: "pictures/sub/\(file.name)")
        let result = try place.trainPictures("--steps", "5")
        #expect(result.status == 0, "\(result.errors)")
        for part in ["1 picture that cannot be read", file.name, "18 to train, 2 to validate"] {
            #expect(result.errors.contains(part), "\(part) in \(result.errors)")
        }
        let shown = try place.run("show", "latest", "--json").json["pictures"] as? [String: Any]
        #expect(shown?["unreadable"] as? Int == 1)
        let score = try place.run("eval", "pictures")
        #expect(score.status == 0 && score.output.contains("20  images"), "\(score.errors)")
        #expect(score.output.contains("1  that cannot be read") && score.output.contains(file.name), "\(score.output)")
        let json = try place.run("eval", "pictures", "--json").json
        #expect(json["images"] as? Int == 20 && json["unreadable"] as? Int == 1)
        #expect(try place.run("eval", "--part", "all", "--json").json["unreadable"] as? Int == 1)
        for command in [
            ["train", "pictures", "--strict", "--steps", "5"], ["eval", "pictures", "--strict"],
            ["eval", "--part", "all", "--strict"],
        ] {
            let strict = try place.start(command).wait()
            #expect(strict.status == 1 && strict.errors.contains(file.name), "\(strict.errors)")
        }
        // A run goes on without it, too.
        _ = try place.trainPictures("--steps", "9", "--stop-after", "4", "--name", "cut")
        let resumed = try place.run("train", "--resume", "cut")
        #expect(resumed.status == 0 && resumed.errors.contains("1 picture that cannot be read"), "\(resumed.errors)")
    }

    @Test func manyBadFilesAreNotAllNamed() throws {
        let place = try Workplace("ae")
        try place.makePictures(20)
        for number in 0..<9 { try place.write("no picture", to: "pictures/zz\(number).jpg") }
        try place.write("notes", to: "pictures/notes.txt")
        try place.write("hidden", to: "pictures/.hidden")
        let result = try place.trainPictures("--steps", "5")
        #expect(result.status == 0)
        for part in ["9 pictures that cannot be read, 1 file that is no picture, 1 hidden", "zz2.jpg", "and 6 more"] {
            #expect(result.errors.contains(part), "\(part) in \(result.errors)")
        }
        #expect(!result.errors.contains("zz3.jpg"))
    }

    @Test func foldersWithoutPictures() throws {
        let place = try Workplace("ae")
        _ = try place.shell("mkdir empty")
        let empty = try place.run("train", "empty")
        #expect(empty.status == 1 && empty.errors.contains("empty: holds no pictures"), "\(empty.errors)")
        try place.write("a letter\n", to: "letters/a.txt")
        let letters = try place.run("train", "letters")
        #expect(
            letters.status == 1 && letters.errors.contains("(skipped: 1 file that is no picture)"), "\(letters.errors)")
        let cut = try PNG.encode(Pictures.spot(1, width: 40, height: 40)).dropLast(40)
        for number in 0..<3 { try place.write(Array(cut), to: "broken/\(number).png") }
        let broken = try place.run("train", "broken")
        #expect(
            broken.status == 1 && broken.errors.contains("none of the 3 pictures could be read"), "\(broken.errors)")
        #expect(!place.exists("checkpoints"))
        try place.trainPictures("--steps", "5")
        for (folder, message) in [("empty", "holds no pictures"), ("broken", "none of the 3 pictures could be read")] {
            let score = try place.run("eval", folder)
            #expect(score.status == 1 && score.errors.contains(message), "\(score.errors)")
        }
    }

    @Test(arguments: [
        ["--code", "0"], ["--code", "many"], ["--hidden", "-5"], ["--channels", "32,x"], ["--channels", "0"],
        ["--architecture", "deep"], ["--kind", "magic"], ["--noise", "0.1"], ["--masking", "0.1"],
        ["--sparsity", "1"], ["--free-nats", "1"], ["--kl-warm-up", "5"], ["--kind", "denoising", "--noise", "-1"],
        ["--kind", "denoising", "--masking", "1"], ["--kind", "sparse", "--sparsity", "-1"],
        ["--kind", "variational", "--free-nats", "-1"], ["--kind", "variational", "--kl-warm-up", "-1"],
        ["--architecture", "book", "--channels", "8"], ["--architecture", "book", "--hidden", "8"],
        ["--size", "12x"], ["--size", "12x0"], ["--size", "99999x4"], ["--validation", "1.5"], ["--validation", "-2"],
        ["--validation", "last:x"], ["--validation", "5", "--held-out", "pictures"], ["--batch", "0"],
        ["--augment-shift", "-1"], ["--augment-brightness", "2"], ["--steps", "-1"], ["--lr", "fast"],
        ["--epochs", "0"], ["--time-limit", "4q"], ["--clip-norm", "-1"], ["--clip-norm", "any"],
        ["--weight-decay", "-1"], ["--warm-up", "-1"],
        ["--patience", "-1"], ["--patience", "some"], ["--threads", "0"], ["--stop-after", "0"], ["--seed", "-1"],
        ["--optimizer", "sgdd"],
        ["--steps", "5", "--epochs", "1"], ["--nonsense", "1"], ["--save-every", "0"], ["--eval-every", "0"],
        ["--resume", "latest", "--dry-run"],
    ])
    func badOptionsOfTrain(arguments: [String]) throws {
        let place = try Workplace("ae")
        let result = try place.start(["train", "pictures"] + arguments).wait()
        #expect(result.status == 64)
        let option = arguments[arguments.count > 3 ? 2 : 0]
        #expect(result.errors.contains(option) && result.errors.contains("Usage"), "\(result.errors)")
        #expect(place.files.isEmpty)
    }

    @Test func whatDoesNotFitThePictures() throws {
        let place = try Workplace("ae")
        try place.makePictures(9)
        let batch = try place.run("train", "pictures", "--batch", "9")
        #expect(batch.status == 1 && batch.errors.contains("--batch: 9 pictures, but there are 8"), "\(batch.errors)")
        let heldOut = try place.run("train", "pictures", "--validation", "9")
        #expect(heldOut.status == 1 && heldOut.errors.contains("cannot hold out 9 of 9 pictures"), "\(heldOut.errors)")
        #expect(!place.exists("checkpoints"))
    }

    @Test func whatIsMissingIsNamed() throws {
        let place = try Workplace("ae")
        let train = try place.run("train"), score = try place.run("eval"),
            part = try place.run("eval", "--part", "test")
        #expect(train.status == 64 && train.errors.contains("ae train pictures"))
        #expect(score.status == 64 && score.errors.contains("ae eval other-pictures"))
        #expect(part.status == 64 && part.errors.contains("--part"))
        #expect(try place.run("swim").status == 64)
    }

    @Test(arguments: ["runs", "show latest", "export latest x", "remove latest --yes", "eval pictures"])
    func noModelYet(command: String) throws {
        let place = try Workplace("ae")
        try place.makePictures(3)
        let before = place.files
        let result = try place.start(command.split(separator: " ").map(String.init)).wait()
        #expect(result.status == 1 && place.files == before)
        #expect(result.errors.contains("no model has been trained yet"), "\(result.errors)")
        #expect(result.errors.contains("ae train"), "\(result.errors)")
        let resumed = try place.run("train", "--resume", "latest")
        #expect(resumed.status == 1 && resumed.errors.contains("no model has been trained yet"))
        #expect(place.files == before)
    }

    @Test func modelsOfTheOtherProgram() throws {
        let place = try Workplace("ae"), charnn = try Program.named("charnn").path
        try place.write(Texts.sentences(2000), to: "text.txt")
        let text = try place.start(["train", "text.txt", "--steps", "5"] + tiny, of: charnn).wait()
        #expect(text.status == 0)
        try place.makePictures(5)
        for command in [
            "eval pictures --run text-1", "show text-1", "export text-1 x", "remove text-1 --yes",
            "train --resume text-1",
        ] {
            let result = try place.start(command.split(separator: " ").map(String.init)).wait()
            #expect(result.status == 1, "\(command)")
            #expect(
                result.errors.contains("'text-1' is a model of charnn, and one of ae is needed"), "\(result.errors)")
        }
        let none = try place.run("eval", "pictures")
        #expect(none.status == 1 && none.errors.contains("no ae model has been trained yet"), "\(none.errors)")
        try place.trainPictures("--steps", "5", "--batch", "2")
        for command in ["sample --run pictures-1", "eval text.txt --run pictures-1", "show pictures-1"] {
            let result = try place.start(command.split(separator: " ").map(String.init), of: charnn).wait()
            #expect(result.status == 1, "\(command)")
            #expect(
                result.errors.contains("'pictures-1' is a model of ae, and one of charnn is needed"), "\(result.errors)"
            )
        }
        // Both live in one store, and each program sees its own.
        #expect(try place.run("runs", "--json").jsonArray.map { $0["run"] as? String } == ["pictures-1"])
        let others = try place.start(["runs", "--json"], of: charnn).wait()
        #expect(others.jsonArray.map { $0["run"] as? String } == ["text-1"])
    }

    @Test func aTextIsNoStore() throws {
        let place = try Workplace("ae")
        try place.write(Texts.sentences(300), to: "text.txt")
        try place.makePictures(5)
        for arguments in [["eval", "pictures", "--store", "text.txt"], ["train", "pictures", "--store", "text.txt"]] {
            let result = try place.start(arguments).wait()
            #expect(result.status == 1 && result.errors.contains("not an SQLite file"), "\(result.errors)")
        }
        #expect(try place.read("text.txt") == Texts.sentences(300))
    }

    /// Nothing is made for a plan that the machine has no memory for, and the program does not crash.
    @Test(arguments: [[], ["--dry-run"]]) func aPlanThatTheMachineCannotCarryOut(arguments: [String]) throws {
        let place = try Workplace("ae")
        try place.makePictures(6)
        let before = place.files
        let sizes = ["--hidden", "65536", "--size", "4096x4096", "--channels", "512"]
        let result = try place.start(["train", "pictures"] + sizes + arguments).wait()
        #expect(result.status == 1 && result.output.isEmpty, "\(result.errors)")
        #expect(result.errors.contains("not enough memory: ") && result.errors.contains("Lower --size"))
        #expect(place.files == before)
    }

    /// Seen from the headers of the pictures, before any is decoded.
    @Test func picturesTooLargeForThePrincipalComponents() throws {
        let place = try Workplace("ae")
        try place.makePictures(40)
        let before = place.files
        let result = try place.shell("ulimit -v 6000000; exec $ae train pictures --size 4096x4096")
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors.contains("the limits of this process (ulimit) allow 6.1 GB"), "\(result.errors)")
        #expect(result.errors.contains("Pictures of 4096 x 4096 are too large"), "\(result.errors)")
        #expect(place.files == before)
    }
}
