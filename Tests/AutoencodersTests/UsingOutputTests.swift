import Autoencoders
import Foundation
import Images
import TensorCore
import Testing
import TestSupport

@Suite struct UsingOutputTests {
    private let output = PictureOutput(description: "ae test, seed 7 ∂")

    @Test func picturesSayHowTheyWereMade() throws {
        let folder = try TemporaryFolder(), picture = Drawn.disc(3, channels: 3), path = folder.file("deep/down/p.png")
        try output.write(picture, to: path)
        #expect(try PictureFile.read(path: path) == picture)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(bytes.range(of: Data("iTXtSoftware\0\0\0\0\0Jacquard ae".utf8)) != nil)
        #expect(bytes.range(of: Data("iTXtDescription\0\0\0\0\0ae test, seed 7 ∂".utf8)) != nil)
        // The pixels are those of a file without texts: nothing else was changed.
        let plain = try PNG.encode(picture)
        #expect(
            Array(bytes.prefix(33)) == Array(plain.prefix(33)) && Array(bytes.suffix(60)) == Array(plain.suffix(60)))
    }

    @Test func checksumOfATextChunk() throws {
        let bytes = try PNG.encode(Drawn.disc(0), texts: [PNGText("Title", "x")])
        // Length 11, type, "Title", five zeros, "x", then the CRC that Python's zlib.crc32 gives for type and data.
        let expected: [UInt8] =
            [0, 0, 0, 11] + Array("iTXtTitle".utf8) + [0, 0, 0, 0, 0, 0x78] + [0xe1, 0x33, 0x77, 0x07]
        #expect(Array(bytes[33..<33 + expected.count]) == expected)
    }

    /// A slash and a mark behind it are one character of a text, and two names to the system.
    @Test func aNameThatBeginsWithAMarkStaysInTheFolder() {
        let files = OutputFolder.files(for: ["../\u{301}x.png", "a/\u{301}b.jpg", "c/\u{10FEE9}.png"])
        let expected = ["\u{301}x.png", "a/\u{301}b.png", "c/\u{10FEE9}.png"]
        #expect(files.map { Array($0.unicodeScalars) } == expected.map { Array($0.unicodeScalars) })
    }

    @Test func whatOthersMadeIsKept() throws {
        let folder = try TemporaryFolder()
        try folder.write(Drawn.disc(1), to: "photo.png")
        try folder.write("a,b\n1,2\n".utf8, to: "data.csv")
        try folder.write("<svg><desc>drawing</desc></svg>".utf8, to: "drawing.svg")
        try NumPyArray.write([1] as [Float], shape: [1, 1], path: folder.file("array.npy"))
        try folder.write("text".utf8, to: "notes.txt")
        try FileManager.default.createDirectory(atPath: folder.file("folder.png"), withIntermediateDirectories: true)
        for name in ["photo.png", "data.csv", "drawing.svg", "array.npy", "notes.txt", "folder.png"] {
            let path = folder.file(name)
            let error = #expect(throws: AutoencoderError.self) { try OutputGuard().check(path) }
            let reason = name == "folder.png" ? "is a folder" : "was not made by this program"
            #expect(error?.description.contains(reason) == true, "\(name)")
            if name != "folder.png" { try OutputGuard(replacesAll: true).check(path) }
        }
        #expect(throws: AutoencoderError.self) { try OutputGuard(replacesAll: true).check(folder.file("folder.png")) }
        try OutputGuard().check(folder.file("none.png"))
        try OutputGuard().check("/dev/null")
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.file("photo.png")))
        #expect(throws: AutoencoderError.self) { try output.write(Drawn.disc(2), to: folder.file("photo.png")) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("photo.png"))) == before)
    }

    @Test func whatWasMadeHereIsReplaced() throws {
        let folder = try TemporaryFolder(), plot = ScatterPlot([.init(x: 0, y: 1, label: "a"), .init(x: 2, y: 3)])
        let codes = PictureCodes(names: ["a"], labels: [nil], codes: Tensor([1, 2], shape: [1, 2]))
        for _ in 0..<2 {
            try output.write(Drawn.disc(1), to: folder.file("sheet.png"))
            try output.write(plot, to: folder.file("map.svg"))
            try output.write(plot, to: folder.file("map.png"))
            for name in ["codes.csv", "codes.npy"] {
                try CodeFile.check(folder.file(name), OutputGuard())
                let writer = try CodeFile.writer(to: folder.file(name), length: 2)
                try writer.append(codes)
                try writer.finish()
            }
        }
        let svg = try folder.text("map.svg")
        #expect(svg.contains("<desc>Jacquard ae: ae test, seed 7 ∂</desc>"))
        #expect(try PictureFile.read(path: folder.file("map.png")).width == plot.width)
        // A file of names that is somebody else's stands in the way of an array.
        try folder.write("id,price\n".utf8, to: "other.names.csv")
        #expect(throws: AutoencoderError.self) { try CodeFile.check(folder.file("other.npy"), OutputGuard()) }
    }

    @Test func namesThatCannotBe() throws {
        #expect(throws: AutoencoderError.outputKind(path: "x.jpg", expected: ".png")) { try output.check("x.jpg") }
        #expect(throws: AutoencoderError.outputKind(path: "x", expected: ".png or .svg")) {
            try output.check("x", endings: ["png", "svg"])
        }
        #expect(throws: ImageError.self) { try output.write(Drawn.disc(1), to: "/proc/none/x.png") }
    }

    @Test func namesOfFilesInAFolder() {
        let names = [
            "a/b.jpg", "a/b.png", "a/b.JPEG", "digits.idx#12", "../../etc/passwd", "/abs/x.png", "A/B.jpg", "..",
            ".png",
            "a b,c.png", "x/.jpg", "日本.jpeg", "a/b.png", "./c.png",
        ]
        let files = OutputFolder.files(for: names)
        #expect(
            files == [
                "a/b.jpg.png", "a/b.png", "a/b.JPEG.png", "digits.idx#12.png", "etc/passwd.png", "abs/x.png",
                "A/B.jpg-2.png", "picture.png", ".png.png", "a b,c.png", "x/.jpg.png", "日本.png", "a/b.png.png", "c.png",
            ])
        #expect(Set(files.map { $0.lowercased() }).count == names.count)
        // A file whose name needs no change keeps it, wherever it stands, and a copy of it takes no other's.
        #expect(
            OutputFolder.files(for: ["1.jpg", "1.png", "1.png", "1.png.png", "2.PNG", "2.png"])
                == ["1.jpg.png", "1.png", "1.png-2.png", "1.png.png", "2.PNG.png", "2.png"])
    }

    @Test func picturesOfEarlierCommandsAreCounted() throws {
        let folder = try TemporaryFolder()
        func write(_ files: [String]) throws -> Int {
            let target = OutputFolder(folder.file("out"), output: PictureOutput(description: "test"))
            try target.check(files)
            for file in files { try target.write(Drawn.disc(1), as: file) }
            try target.finish()
            return target.olderPictures
        }
        #expect(try write(["0.png", "1.png", "2.png", "sub/0.png"]) == 0)
        try folder.write(Drawn.disc(9), to: "out/of-somebody.png")
        #expect(try write(["0.png", "1.png", "2.png", "sub/0.png"]) == 0)
        #expect(try write(["0.png", "sub/1.png"]) == 3)
        try FileManager.default.removeItem(atPath: folder.file("out/2.png"))
        #expect(try write(["0.png"]) == 1)
    }

    @Test func aFolderIsCheckedBeforeItIsWritten() throws {
        let folder = try TemporaryFolder(), target = OutputFolder(folder.file("out/"), output: output)
        try folder.write(Drawn.disc(9), to: "out/b.png")
        #expect(throws: AutoencoderError.self) { try target.check(["a.png", "b.png"]) }
        try target.check(["a.png", "c/d.png"])
        try target.write(Drawn.disc(1), as: "c/d.png")
        #expect(try PictureFile.read(path: folder.file("out/c/d.png")) == Drawn.disc(1))
    }
}
