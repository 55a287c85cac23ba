import BuiltPrograms
import Foundation
import Images
import Testing

/// What may be written over, and what is never read again as if it were somebody's picture.
@Suite struct PictureOutputTests {
    private func place(_ options: String...) throws -> Workplace {
        let place = try Workplace("ae")
        try place.makePictures(12)
        let result = try place.start(["train", "pictures", "--steps", "5", "--name", "model"] + tinyPictures + options)
            .wait()
        #expect(result.status == 0, "\(result.errors)")
        return place
    }

    private func bytes(_ place: Workplace, _ name: String) throws -> Data {
        try Data(contentsOf: place.url.appendingPathComponent(name))
    }

    private func expectRefused(_ result: Program.Result, _ message: String) {
        #expect(result.status == 1 && result.errors.contains(message), "\(result.errors)")
    }

    /// Files that look like ours: by their first line, by their neighbor, by a text inside that another program kept.
    @Test func likenessIsNoProof() throws {
        let place = try place()
        #expect(try place.run("sample", "--count", "2", "-o", "sheet.png").status == 0)
        let sheet = [UInt8](try bytes(place, "sheet.png"))
        let users: [(name: String, bytes: [UInt8], command: [String])] = [
            ("labels.csv", Array("name,label\na,1\n".utf8), ["encode", "pictures", "-o", "labels.csv"]),
            ("codes.csv", Array("name,label,c0,c1,c2,c3\na,,1,2,3,4\n".utf8), ["encode", "pictures"]),
            ("x.names.csv", Array("name,label\nanna,1\n".utf8), ["encode", "pictures", "-o", "x.npy"]),
            ("y.npy", NumPyArray.encode([1, 2] as [Float], shape: [1, 2]), ["encode", "pictures", "-o", "y.npy"]),
            (
                "out/anomalies.csv", Array("rank,name,label,mse,mae,anomaly\n".utf8),
                ["anomalies", "pictures", "-o", "out"]
            ),
            // Opened and saved by somebody else, the texts inside kept.
            ("edited.png", sheet + [0], ["reconstruct", "pictures", "-o", "edited.png"]),
            ("map.svg", Array("<svg><desc>Jacquard ae: mine</desc></svg>".utf8), ["map", "pictures", "-o", "map.svg"]),
        ]
        try place.write("name,label\nanna,1\n", to: "y.names.csv")
        for user in users {
            try place.write(user.bytes, to: user.name)
            expectRefused(
                try place.start(user.command).wait(), "\(user.name) is there already, and was not made by this program")
            #expect(try [UInt8](bytes(place, user.name)) == user.bytes, "\(user.name)")
        }
        // Ours until somebody changes it.
        #expect(try place.run("encode", "pictures", "-o", "own.csv").status == 0)
        #expect(try place.run("encode", "pictures", "-o", "own.csv").status == 0)
        _ = try place.shell("echo mine,,1,2,3,4 >> own.csv")
        let changed = try bytes(place, "own.csv")
        expectRefused(try place.run("encode", "pictures", "-o", "own.csv"), "is no longer as this program wrote it")
        #expect(try bytes(place, "own.csv") == changed)
        #expect(try place.run("encode", "pictures", "-o", "own.csv", "--force").status == 0)
        #expect(try place.run("encode", "pictures", "-o", "own.csv").status == 0)
        // A link to nothing is somebody's, too.
        _ = try place.shell("ln -s nowhere link.csv")
        expectRefused(try place.run("encode", "pictures", "-o", "link.csv"), "is a link that leads nowhere")
    }

    @Test func whatIsReadIsNeverWritten() throws {
        let place = try place()
        #expect(try place.run("sample", "--count", "3", "-o", "new").status == 0)
        try NumPyArray.write(
            (0..<12).flatMap { Pictures.spot($0).pixels }, shape: [12, 12, 12], path: place.path("a.npy"))
        _ = try place.shell("ln new/sample-0.png hard.png; ln -s pictures/001.png soft.png")
        let names = ["new/sample-0.png", "new/sample-1.png", "pictures/001.png", "pictures/000.png", "a.npy"]
        let before = try names.map { try bytes(place, $0) }
        for command in [
            ["reconstruct", "new", "--folder", "new"], ["reconstruct", "new", "-o", "hard.png"],
            ["reconstruct", "pictures", "-o", "soft.png"], ["reconstruct", "pictures", "--folder", "pictures"],
            ["interpolate", "pictures/000.png", "pictures/001.png", "-o", "pictures/000.png"],
            ["neighbors", "pictures/001.png", "new", "-o", "pictures/001.png"], ["encode", "a.npy", "-o", "a.npy"],
        ] {
            for force in [[], ["--force"]] {
                let result = try place.start(command + force).wait()
                #expect(result.status == 1, "\(command + force): \(result.errors)")
                if !force.isEmpty { #expect(result.errors.contains("is never written over"), "\(result.errors)") }
            }
        }
        for (name, bytes) in zip(names, before) { #expect(try self.bytes(place, name) == bytes, "\(name)") }
        // Codes are inputs as well, in files of whatever name.
        #expect(try place.run("encode", "pictures").status == 0)
        _ = try place.shell("cp codes.csv codes.png; ln codes.png hard-codes.png; ln -s codes.png soft-codes.png")
        let codes = try bytes(place, "codes.csv")
        for output in ["codes.png", "hard-codes.png", "soft-codes.png"] {
            let result = try place.run("decode", "codes.png", "-o", output, "--force")
            expectRefused(result, "is never written over")
        }
        #expect(try bytes(place, "codes.png") == codes)
    }

    @Test func aSheetIsNoReconstruction() throws {
        let place = try place()
        for path in ["out/000.png", "./pictures/../out/000.png"] {
            expectRefused(
                try place.run("reconstruct", "pictures", "--folder", "out", "-o", path),
                "is where one of the reconstructions goes")
        }
        #expect(!place.exists("out/000.png"))
        #expect(try place.run("reconstruct", "pictures", "--folder", "out", "-o", "out/sheet.png").status == 0)
    }

    /// Twice the same, in a folder that is the output too, or that the output lies in.
    @Test func outputsAreNotInputsTheNextTime() throws {
        let place = try place("--kind", "denoising")
        for number in 0..<3 { try place.write(Pictures.jpeg, to: "js/\(number).jpg") }
        for _ in 0..<2 {
            let result = try place.run("denoise", "js", "-o", "js")
            #expect(result.status == 0 && result.errors.contains("Wrote 3 pictures to js"), "\(result.errors)")
        }
        #expect(place.files.count { $0.hasPrefix("js/") && !$0.contains("/.") } == 6)
        #expect(try place.run("denoise", "js", "-o", "js").errors.contains("passed over: 3 files that ae has made"))
        _ = try place.shell("mkdir here; cp pictures/* here")
        for round in 0..<2 {
            for command in [
                "reconstruct . ", "denoise .", "sample --count 4 -o many", "map . --method pca", "encode .",
            ] {
                let store = "--store ../checkpoints/jacquard.sqlite"
                let result = try place.shell("cd here && $ae \(command) \(store)")
                #expect(result.status == 0, "\(round) \(command): \(result.errors)")
                if command == "encode ." { #expect(result.errors.contains("Wrote 12 codes"), "\(result.errors)") }
            }
            let plan = try place.run("train", "here", "--dry-run")
            #expect(plan.output.contains("12 pictures, 12×12 gray"), "\(plan.output)")
        }
        // Alone they are pictures like all others.
        let alone = try place.run("encode", "here/many")
        #expect(alone.status == 0 && alone.errors.contains("Wrote 4 codes"), "\(alone.errors)")
        // A run goes on in a folder that has got outputs meanwhile.
        #expect(try place.run("train", "--resume", "model", "--steps", "9").status == 0)
        #expect(try place.run("sample", "--count", "2", "-o", "pictures").status == 0)
        let resumed = try place.run("train", "--resume", "model", "--steps", "12")
        #expect(resumed.status == 0, "\(resumed.errors)")
    }

    @Test func namesThatWouldMeet() throws {
        let place = try place()
        let names = ["n/a.png/x.jpg", "n/a.jpg", "n/b.jpg", "n/B.JPG", "n/b.jpeg", "n/c.PNG/c.jpg", "n/c.png"]
        for name in names where name != "n/c.png" { try place.write(Pictures.jpeg, to: name) }
        try place.write(PNG.encode(Pictures.spot(1)), to: "n/c.png")
        try place.write(Pictures.jpeg, to: "n/" + String(repeating: "long", count: 62) + ".jpeg")
        var written: [String] = []
        for _ in 0..<2 {
            let result = try place.run("reconstruct", "n", "--folder", "out")
            #expect(result.status == 0 && result.errors.contains("Wrote 8 pictures to out"), "\(result.errors)")
            let files = place.files.filter { $0.hasPrefix("out/") && $0.hasSuffix(".png") && !$0.contains("/.") }
                .filter { (try? PictureFile.read(path: place.path($0))) != nil }
            #expect(files.count == 8 && Set(files.map { $0.lowercased() }).count == 8)
            if !written.isEmpty { #expect(files == written) }
            written = files
        }
        #expect(written.contains("out/a.jpg.png") && written.contains("out/a.png/x.png"), "\(written)")
    }

    @Test func aFileWhereAFolderIsNeededAndTheReverse() throws {
        let place = try place()
        try place.write("mine", to: "file")
        _ = try place.shell("mkdir -p folder.png folder.csv out/000.png")
        let message = "file is a file, and a folder is needed there"
        for command in [
            ["reconstruct", "pictures", "--folder", "file"], ["sample", "-o", "file/x.png"],
            ["sample", "-o", "file/a/b"],
            ["encode", "pictures", "-o", "file/codes.csv"], ["anomalies", "pictures", "-o", "file"],
        ] { expectRefused(try place.start(command).wait(), message) }
        for (command, name) in [
            (["sample", "-o", "folder.png"], "folder.png"), (["encode", "pictures", "-o", "folder.csv"], "folder.csv"),
            (["reconstruct", "pictures", "--folder", "out"], "out/000.png"),
        ] { expectRefused(try place.start(command).wait(), "\(name) is a folder") }
        #expect(try place.read("file") == "mine")
    }
}
