import Foundation
import Glibc
import Images
import Testing
import TestSupport

struct ImageCollectionTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func foldersAreReadInOrderAndClassesNamed() throws {
        try folder.add("dog/2.png", Picture.noise(width: 3, height: 2, channels: 1))
        try folder.add("cat/deep/9.png", Picture.noise(width: 4, height: 5, channels: 3))
        try folder.add("cat/10.png", Picture.noise(width: 1, height: 1, channels: 1))
        try folder.add("plain.png", Picture.noise(width: 7, height: 1, channels: 3))
        let collection = try ImageCollection.scan([folder.path])
        #expect(collection.items.map(\.name) == ["cat/10.png", "cat/deep/9.png", "dog/2.png", "plain.png"])
        #expect(collection.items.map(\.label) == ["cat", "cat", "dog", nil])
        #expect(collection.items.map(\.size.description) == ["1×1", "4×5", "3×2", "7×1"])
        #expect(collection.items.map(\.channels) == [1, 3, 1, 3])
        #expect(collection.labels == ["cat", "dog"])
        #expect(try collection.items[1].picture() == .noise(width: 4, height: 5, channels: 3))
        #expect(collection.summary == "4 pictures of 4 sizes, 1×1 to 4×5, gray and color")
        #expect(collection.suggestedFormat(size: PictureSize(width: 9, height: 8)).description == "9×8 color")
        #expect(collection.suggestedFormat(gray: true).isGray)
        #expect(collection.subset([2, 0]).items.map(\.name) == ["dog/2.png", "cat/10.png"])
        // A slash at the end changes nothing.
        #expect(try ImageCollection.scan([folder.path + "/"]).items.map(\.name) == collection.items.map(\.name))
    }

    /// However the paths are typed.
    @Test(arguments: [("good", "bad"), ("good/.", "bad/./"), ("good/", "bad//"), ("good/deep/..", "good/../bad")])
    func foldersAreClassesByWhatTheyAreCalled(good: String, bad: String) throws {
        for name in ["good/deep/1.png", "good/2.png", "bad/3.png"] {
            try folder.add(name, Picture.noise(width: 2, height: 2, channels: 1))
        }
        let collection = try ImageCollection.scan([folder(good), folder(bad)])
        #expect(collection.items.map(\.label) == ["good", "deep", "bad"])
    }

    @Test func severalPathsBeginTheNames() throws {
        let one = try folder.add("a/1.png", Picture.noise(width: 2, height: 2, channels: 1))
        try folder.add("b/1.png", Picture.noise(width: 2, height: 2, channels: 1))
        let both = try ImageCollection.scan([folder("b"), folder("a")])
        #expect(both.items.map(\.name) == [folder("b/1.png"), folder("a/1.png")])
        #expect(both.items.map(\.label) == ["b", "a"])
        let mixed = try ImageCollection.scan([one, folder("b")])
        #expect(mixed.items.map(\.name) == [one, folder("b/1.png")])
        #expect(mixed.items.map(\.label) == [nil, nil])
        #expect(try ImageCollection.scan([one]).items.map(\.name) == ["1.png"])
    }

    @Test func whatIsNoPictureIsSkippedByReason() throws {
        try folder.add("good.dat", Picture.noise(width: 2, height: 3, channels: 1))
        try folder.add("notes.txt", Array("hello, this is a text".utf8))
        try folder.add("text.png", Array("hello, this is a text too".utf8))
        try folder.add("empty.png", [])
        try folder.add("moving.gif", Array("GIF89a".utf8) + [1, 0, 1, 0, 0, 0, 0])
        try folder.add(".hidden.png", Picture.noise(width: 2, height: 3, channels: 1))
        let whole = try PNG.encode(Picture.noise(width: 40, height: 40, channels: 3))
        try folder.add("short.png", Array(whole.prefix(20)))
        try NumPyArray.write([Float](repeating: 2, count: 6), shape: [3, 2], path: folder("codes.npy"))
        symlink(folder.path, folder("loop"))
        symlink(folder("nowhere"), folder("dangling"))
        mkfifo(folder("pipe"), 0o600)
        let collection = try ImageCollection.scan([folder.path])
        #expect(collection.items.map(\.name) == ["good.dat"])
        var reasons: [String: ImageCollection.SkipReason] = [:]
        for skipped in collection.skipped {
            reasons[String(skipped.path.dropFirst(folder.path.count + 1))] = skipped.reason
        }
        #expect(
            reasons == [
                "notes.txt": .notAPicture, "text.png": .unreadable, "empty.png": .unreadable,
                "moving.gif": .unsupported, ".hidden.png": .hidden, "short.png": .unreadable, "codes.npy": .array,
                "loop": .link, "dangling": .link, "pipe": .special,
            ])
        #expect(
            collection.skippedSummary == "3 unreadable, 1 of a kind that is not read, 1 array that is not read, "
                + "1 file that is no picture, 1 hidden, 1 pipe or device, 2 links")
        #expect(collection.skipped.first { $0.path.hasSuffix("short.png") }?.error != nil)
        #expect(throws: ImageError.self) { try ImageCollection.scan([folder.path], isStrict: true) }
    }

    @Test func nothingUsableNamesTheFolder() throws {
        try folder.add("notes.txt", Array("hello".utf8))
        #expect(throws: ImageError.noPictures(path: folder.path, skipped: "1 file that is no picture")) {
            try ImageCollection.scan([folder.path])
        }
        try FileManager.default.createDirectory(atPath: folder("none"), withIntermediateDirectories: true)
        #expect(throws: ImageError.noPictures(path: folder("none"), skipped: "")) {
            try ImageCollection.scan([folder("none")])
        }
        #expect(throws: ImageError.noPaths) { try ImageCollection.scan([]) }
        #expect(throws: ImageError.noSuchFile(path: folder("missing"))) {
            try ImageCollection.scan([folder("missing")])
        }
        mkfifo(folder("pipe"), 0o600)
        #expect(throws: ImageError.self) { try ImageCollection.scan([folder("pipe")]) }
        // Named directly, a text is an error whatever else is given.
        try folder.add("good.png", Picture.noise(width: 2, height: 3, channels: 1))
        #expect(throws: ImageError.self) { try ImageCollection.scan([folder("good.png"), folder("notes.txt")]) }
    }

    @Test func aStripThatIsTooLongIsRefused() throws {
        let side = Picture.longestSide + 1
        let strip = try folder.add("strip.png", Picture(width: side, height: 1, channels: 1, filledWith: 9))
        let array = try folder.add("strip.idx", idx([1, side, 1], [UInt8](repeating: 9, count: side)))
        for path in [strip, array] {
            #expect { try ImageCollection.scan([path]) } throws: { error in
                guard case .unsupported(path, _)? = error as? ImageError else { return false }
                return true
            }
        }
    }

    /// Two names that differ in bytes that are no text stay two names.
    @Test func namesNeedNotBeText() throws {
        let bytes = try PNG.encode(Picture.noise(width: 2, height: 2, channels: 1))
        for name in [[0x61, 0xE9], [0x61, 0xFF], [0xC3, 0xA9]] as [[UInt8]] {
            let path = Array((folder.path + "/").utf8) + name + Array(".png".utf8) + [0]
            let file = path.withUnsafeBytes { fopen($0.baseAddress!.assumingMemoryBound(to: CChar.self), "w") }
            let opened = try #require(file)
            fwrite(bytes, 1, bytes.count, opened)
            fclose(opened)
        }
        let collection = try ImageCollection.scan([folder.path])
        #expect(collection.items.map(\.name) == ["a\u{10FEE9}.png", "a\u{10FEFF}.png", "é.png"])
        for item in collection.items { #expect(try item.picture().width == 2) }
    }

    @Test func arraysHoldPicturesAndLabels() throws {
        let values = (0..<3 * 4 * 5).map { UInt8($0) }
        try folder.add("set-images-idx3-ubyte", idx([3, 4, 5], values))
        try folder.add("set-labels-idx1-ubyte", idx([3], [7, 10, 2]))
        for paths in [[folder("set-images-idx3-ubyte")], [folder.path]] {
            let collection = try ImageCollection.scan(paths)
            #expect(collection.items.map(\.name) == (0..<3).map { "set-images-idx3-ubyte#\($0)" })
            #expect(collection.items.map(\.label) == ["7", "10", "2"])
            #expect(collection.labels == ["2", "7", "10"])
            #expect(collection.items[1].size == PictureSize(width: 5, height: 4))
            #expect(try collection.items[1].picture().pixels == Array(values[20..<40]))
        }
        #expect(try ImageCollection.scan([folder.path]).skippedSummary == "1 file of labels")
        #expect(throws: ImageError.self) { try ImageCollection.scan([folder("set-labels-idx1-ubyte")]) }
    }

    @Test func numPyArraysHavePicturesInThreeShapes() throws {
        let bytes = (0..<2 * 3 * 4).map { UInt8($0 * 10) }
        try NumPyArray.write(bytes, shape: [2, 3, 4], path: folder("gray.npy"))
        let gray = try ImageCollection.scan([folder("gray.npy")])
        #expect(gray.items.map(\.name) == ["gray.npy#0", "gray.npy#1"])
        #expect(try gray.items[1].picture() == Picture(width: 4, height: 3, channels: 1, pixels: Array(bytes[12...])))
        // Floats from 0 to 1, channels last and channels first.
        let color = Picture.noise(width: 5, height: 2, channels: 3)
        let values = color.pixels.map { Float($0) / 255 }
        try NumPyArray.write(values, shape: [1, 2, 5, 3], path: folder("last.npy"))
        #expect(try ImageCollection.scan([folder("last.npy")]).items[0].picture() == color)
        let planar = (0..<3).flatMap { channel in (0..<10).map { values[$0 * 3 + channel] } }
        try NumPyArray.write(planar, shape: [1, 3, 2, 5], path: folder("first.npy"))
        #expect(try ImageCollection.scan([folder("first.npy")]).items[0].picture() == color)
        try NumPyArray.write([Float](repeating: 200, count: 4), shape: [1, 2, 2], path: folder("bright.npy"))
        #expect(throws: ImageError.self) { try ImageCollection.scan([folder("bright.npy")]) }
    }

    @Test func theFingerprintSeesNamesAndContents() throws {
        try folder.add("a.png", Picture.noise(width: 40, height: 30, channels: 3))
        // Larger than what is read of a file.
        let large = Picture.noise(width: 300, height: 200, channels: 3)
        try folder.add("b.png", large)
        let before = try ImageCollection.scan([folder.path]).fingerprint()
        #expect(before.count == 64)
        #expect(try ImageCollection.scan([folder.path]).fingerprint() == before)
        let elsewhere = try TemporaryFolder()
        for name in ["a.png", "b.png"] {
            try FileManager.default.copyItem(atPath: folder(name), toPath: elsewhere(name))
        }
        #expect(try ImageCollection.scan([elsewhere.path]).fingerprint() == before)
        // A pixel in the middle of a large picture.
        var changed = large
        changed[150, 100, 1] ^= 1
        try elsewhere.add("b.png", changed)
        #expect(try ImageCollection.scan([elsewhere.path]).fingerprint() != before)
        rename(folder("b.png"), folder("c.png"))
        #expect(try ImageCollection.scan([folder.path]).fingerprint() != before)
    }

    /// Of several paths their order counts, and not what they are called.
    @Test func theFingerprintDoesNotSeeWherePathsLead() throws {
        let elsewhere = try TemporaryFolder()
        for (place, folders) in [(folder, ["a", "b"]), (elsewhere, ["c", "d"])] {
            for (number, name) in folders.enumerated() {
                try place.add("\(name)/1.png", Picture.noise(width: 4 + number, height: 3, channels: 1))
                try NumPyArray.write(
                    [Float](repeating: 0.5, count: 30), shape: [2, 3, 5], path: place("\(name)/two.npy"))
            }
        }
        let before = try ImageCollection.scan([folder("a"), folder("b")])
        let after = try ImageCollection.scan([elsewhere("c"), elsewhere("d")])
        #expect(before.items.count == 6 && before.fingerprint() == after.fingerprint())
        #expect(before.items.map(\.name) != after.items.map(\.name))
        // Older programs took the paths as they were typed, where there were several.
        #expect(before.fingerprintByPaths() != after.fingerprintByPaths())
        let others = try [[folder("b"), folder("a")], [folder("a")]].map { try ImageCollection.scan($0) }
        #expect(Set(([before] + others).map { $0.fingerprint() }).count == 3)
        #expect(others[1].fingerprintByPaths() == others[1].fingerprint())
        #expect(try ImageCollection.scan([elsewhere("c")]).fingerprint() == others[1].fingerprint())
        let file = [folder("a/1.png"), folder("b/1.png")]
        #expect(
            try ImageCollection.scan(file).fingerprint()
                == ImageCollection.scan([elsewhere("c/1.png"), elsewhere("d/1.png")]).fingerprint())
    }
}
