import BuiltPrograms
import Foundation
import Images
import Testing

/// Folders of pictures as people have them, through the built program.
@Suite struct PictureKindTests {
    /// A PNG of color type 6, white where the drawing is and transparent elsewhere.
    private func drawing(_ number: Int, side: Int = 12) -> [UInt8] {
        let spot = Pictures.spot(number, width: side, height: side)
        let rows = (0..<side).flatMap { row in
            [UInt8(0)] + (0..<side).flatMap { [255, 255, 255, spot[$0, row, 0]] as [UInt8] }
        }
        return Pictures.png(width: UInt32(side), height: UInt32(side), colorType: 6, rows: rows)
    }

    private func words(_ result: Program.Result) -> String {
        (result.errors + result.output).split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    }

    @Test func whiteDrawingsOnATransparentGround() throws {
        let place = try Workplace("ae")
        for number in 0..<16 { try place.write(drawing(number), to: "drawings/\(number).png") }
        let train = ["train", "drawings", "--steps", "5"] + tinyPictures
        let result = try place.start(train + ["--name", "chosen"]).wait()
        #expect(result.status == 0, "\(result.errors)")
        for part in ["color over black", "over white the pictures cannot be told apart"] {
            #expect(words(result).contains(part), "\(part) in \(result.errors)")
        }
        // Whatever uses the model lays pictures over the same ground.
        #expect(try place.run("encode", "drawings").status == 0)
        let codes = try place.read("codes.csv").split(separator: "\n").dropFirst().map { $0.drop { $0 != "," } }
        #expect(codes.count == 16 && Set(codes).count == 16)
        #expect(try place.run("reconstruct", "drawings", "--count", "1", "-o", "sheet.png").status == 0)
        let sheet = try PictureFile.read(path: place.path("sheet.png"))
        #expect(sheet[8, 8, 0] < 128)
        let resumed = try place.run("train", "--resume", "chosen", "--steps", "8", "--background", "white")
        #expect(resumed.status != 0 && resumed.errors.contains("--background black"), "\(resumed.errors)")
        let shown = try place.run("show", "chosen")
        #expect(shown.output.contains("--background black"), "\(shown.output)")
        #expect(try place.run("train", "--resume", "chosen", "--steps", "8").status == 0)
        #expect(!(try place.run("encode", "drawings").errors.contains("all codes are the same")))
        // Asked for, white is white, and that is not silent.
        let white = try place.start(train + ["--background", "white"]).wait()
        #expect(white.status == 0 && words(white).contains("look the same to the model"), "\(white.errors)")
        #expect(try place.run("show", "latest").output.contains("--background white"))
        let alike = try place.run("encode", "drawings")
        #expect(alike.status == 0 && alike.errors.contains("note: all codes are the same"), "\(alike.errors)")
        #expect(words(white).contains("--background shows them") && !white.errors.contains("0 components"))
        let score = try place.run("eval", "drawings")
        #expect(score.status == 0 && !score.output.contains("component"), "\(score.output)")
        let blue = try place.start(train + ["--background", "#0000ff", "--dry-run"]).wait()
        #expect(words(blue).contains("color over #0000ff"), "\(blue.errors)")
        let odd = try place.start(train + ["--background", "bleu"]).wait()
        #expect(odd.status == 64 && odd.errors.contains("white, black, gray, or #rrggbb"), "\(odd.errors)")
        // A few among others that show.
        for number in 0..<16 {
            try place.write(PNG.encode(Pictures.spot(number, channels: 3)), to: "drawings/s\(number).png")
        }
        let mixed = try place.start(train + ["--dry-run"]).wait()
        #expect(words(mixed).contains("pictures with transparent parts are of one color over white"), "\(mixed.errors)")
    }

    @Test func picturesThatLookTheSame() throws {
        let place = try Workplace("ae")
        for number in 0..<20 {
            var picture = Picture(width: 12, height: 12, channels: 1, filledWith: 0)
            picture[number % 12, number / 2, 0] = 1
            try place.write(PNG.encode(picture), to: "dark/\(number).png")
        }
        let result = try place.run("train", "dark", "--dry-run")
        #expect(words(result).contains("look the same to the model"), "\(result.errors)")
        try place.makePictures(20)
        _ = try place.shell(
            "cp pictures/000.png pictures/zero.png; for i in 1 2 3; do cp pictures/00$i.png pictures/c$i.png; done")
        let copies = try place.run("train", "pictures", "--validation", "last:4", "--dry-run")
        #expect(
            words(copies).contains("4 of 4 pictures to validate are copies of pictures to train on"), "\(copies.errors)"
        )
    }

    /// A picture that is held out by its path is not learned from, and one that is reached twice is read once.
    @Test func picturesReachedTwice() throws {
        let place = try Workplace("ae")
        try place.makePictures(20)
        _ = try place.shell("mkdir pictures/out; mv pictures/00[0-3].png pictures/out; ln -s 009.png pictures/link.png")
        let result = try place.run("train", "pictures", "--held-out", "pictures/out", "--dry-run")
        #expect(result.status == 0 && words(result).contains("16 to train, 4 to validate"), "\(result.output)")
        #expect(words(result).contains("5 files reached twice"), "\(result.output)")
        let strict = try place.run("train", "pictures", "--strict", "--dry-run")
        #expect(strict.status == 0 && words(strict).contains("1 file reached twice"), "\(strict.output)")
    }

    @Test func arraysThatCannotBeUsedBesideOnesThatCan() throws {
        let place = try Workplace("ae")
        let pixels = (0..<12).flatMap { Pictures.spot($0).pixels }
        try NumPyArray.write(pixels, shape: [12, 12, 12], path: place.path(try place.write([], to: "arrays/a.npy")))
        try NumPyArray.write(pixels.map(Float.init), shape: [12, 12, 12], path: place.path("arrays/b.npy"))
        try place.write(
            Array("PK\u{3}\u{4}".utf8) + .init(repeating: 0, count: 22) + [5, 0, 0, 0] + Array("a.npy".utf8),
            to: "arrays/c.npz")
        let train = try place.start(["train", "arrays", "--steps", "5"] + tinyPictures).wait()
        #expect(train.status == 0, "\(train.errors)")
        for part in [
            "1 picture that cannot be read, 1 array that cannot be used", "b.npy", "a / 255", "c.npz", "numpy.load",
        ] {
            #expect(words(train).contains(part), "\(part) in \(train.errors)")
        }
        let encode = try place.run("encode", "arrays")
        #expect(encode.status == 0 && encode.errors.contains("Wrote 12 codes") && encode.errors.contains("2 left out"))
        #expect(encode.errors.contains("b.npy") && encode.errors.contains("c.npz"), "\(encode.errors)")
        for command in [
            ["train", "arrays", "--steps", "5"], ["encode", "arrays"], ["eval", "arrays"], ["map", "arrays"],
        ] {
            let strict = try place.start(command + ["--strict"]).wait()
            #expect(strict.status == 1 && strict.errors.contains("b.npy"), "\(strict.errors)")
        }
        let direct = try place.run("encode", "arrays/c.npz")
        #expect(direct.status == 1 && direct.errors.contains("numpy.load(\"x.npz\")"), "\(direct.errors)")
    }

    @Test func colorStaysInDenoisedPictures() throws {
        let place = try Workplace("ae")
        try place.makePictures(24)
        let train = ["train", "pictures", "--steps", "60", "--kind", "denoising", "--noise", "0.1"] + tinyPictures
        #expect(try place.start(train).wait().status == 0)
        let color = Pictures.spot(3, channels: 3)
        try place.write(PNG.encode(color), to: "mixed/color.png")
        try place.write(PNG.encode(Pictures.spot(3)), to: "mixed/gray.png")
        // The channels of the colored one, as pictures of their own.
        for channel in 0..<3 {
            let plane = (0..<144).map { color.pixels[3 * $0 + channel] }
            try place.write(
                PNG.encode(Picture(width: 12, height: 12, channels: 1, pixels: plane)), to: "planes/\(channel).png")
        }
        #expect(try place.run("denoise", "mixed").status == 0)
        #expect(try place.run("denoise", "planes", "-o", "apart").status == 0)
        let denoised = try PictureFile.read(path: place.path("denoised/color.png"))
        #expect(denoised.channels == 3 && denoised != color)
        #expect(try PictureFile.read(path: place.path("denoised/gray.png")).isGray)
        for channel in 0..<3 {
            let apart = try PictureFile.read(path: place.path("apart/\(channel).png"))
            // One may be a step of 256 off: the two were computed in batches of other sizes.
            #expect((0..<144).allSatisfy { abs(Int(denoised.pixels[3 * $0 + channel]) - Int(apart.pixels[$0])) <= 1 })
        }
        #expect(try place.run("denoise", "mixed", "--add-noise", "-o", "sheet.png").status == 0)
        #expect(try PictureFile.read(path: place.path("sheet.png")).channels == 3)
        // A code of this model holds no color, and that is said.
        let back = try place.run("reconstruct", "mixed")
        #expect(back.status == 0 && back.errors.contains("1 picture in color comes back gray"), "\(back.errors)")
    }
}
