import Foundation
import Glibc
import Images
import Testing
import TestSupport

/// What is not read is said: by its content, or else by its name.
@Suite struct UnreadKindTests {
    struct Kind: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let head: [UInt8]

        init(_ name: String, _ head: [UInt8]) { (testDescription, self.head) = (name, head) }
        init(_ name: String, _ head: String) { self.init(name, Array(head.utf8)) }
    }

    private static func padded(_ bytes: [UInt8], to count: Int = 200) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: count - bytes.count)
    }

    /// First bytes as the formats' descriptions have them.
    static let kinds: [Kind] = [
        Kind("a GIF picture", "GIF89a......"), Kind("a WebP picture", "RIFF....WEBPVP8L"),
        Kind("a TIFF or raw camera picture", padded(Array("II*\0".utf8))),
        Kind("a TIFF or raw camera picture", padded(Array("MM\0*".utf8))),
        Kind("a BigTIFF picture", padded(Array("II+\0\u{8}\0\0\0".utf8))),
        Kind("a BigTIFF picture", padded(Array("MM\0+\0\u{8}\0\0".utf8))),
        Kind("a raw camera picture", padded(Array("FUJIFILMCCD-RAW 0201".utf8))),
        Kind("a raw camera picture", padded(Array("\0\0\0\u{18}ftypcrx ".utf8))),
        Kind("a HEIC picture", padded(Array("\0\0\0\u{18}ftypheic".utf8))),
        Kind("a HEIC picture", padded(Array("\0\0\0\u{18}ftypmif1".utf8))),
        Kind("an AVIF picture", padded(Array("\0\0\0\u{20}ftypavif".utf8))),
        Kind("a JPEG 2000 picture", padded(Array("\0\0\0\u{c}jP  \r\n".utf8))),
        Kind("a JPEG 2000 picture", padded([0xff, 0x4f, 0xff, 0x51])),
        Kind("a JPEG XL picture", padded([0xff, 0x0a])), Kind("a Photoshop picture", padded(Array("8BPS\0\u{1}".utf8))),
        Kind("a GIMP picture", padded(Array("gimp xcf v011".utf8))), Kind("a QOI picture", padded(Array("qoif".utf8))),
        Kind("a BMP picture", padded(Array("BM6\u{9}".utf8))),
        Kind("an icon picture", padded([0, 0, 1, 0, 1, 0, 16, 16])),
        Kind("a cursor picture", padded([0, 0, 2, 0, 1, 0, 16, 16])),
        Kind("an ICNS icon picture", padded(Array("icns".utf8))), Kind("a DDS picture", padded(Array("DDS |".utf8))),
        Kind("an OpenEXR picture", padded([0x76, 0x2f, 0x31, 1, 2])),
        Kind("a Radiance HDR picture", "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n"),
        Kind("an SGI picture", padded([1, 0xda, 1, 1, 0, 2])),
        Kind("a Sun raster picture", padded([0x59, 0xa6, 0x6a, 0x95])),
        Kind("a PCX picture", padded([0x0a, 5, 1, 8])),
        Kind("a PBM picture", "P1\n2 2\n1 0 0 1\n"), Kind("a PGM picture", "P2 # by hand\n2 2\n15\n1 2 3 4\n"),
        Kind("a PPM picture", "P3\n1 1\n255\n1 2 3\n"), Kind("a PBM picture", padded(Array("P4\n8 1\n".utf8))),
        Kind("a PGM picture", padded(Array("P5 2 2 255\n".utf8))),
        Kind("a PPM picture", padded(Array("P6\r\n2 2\n255\n".utf8))),
        Kind("a PAM picture", "P7\nWIDTH 1\nHEIGHT 1\n"), Kind("a PFM picture", padded(Array("Pf\n2 2\n-1.0\n".utf8))),
        Kind("a TGA picture", padded([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 7, 0, 24, 0])),
        Kind("a TGA picture", padded([0, 1, 1, 0, 0, 0, 1, 24, 0, 0, 0, 0, 9, 0, 7, 0, 8, 0])),
        Kind("an SVG picture", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        Kind("an SVG picture", "\u{feff}<?xml version=\"1.0\"?>\n<!-- drawn -->\n<svg width=\"1\"/>"),
        Kind("an XBM picture", "#define x_width 24\n#define x_height 32\nstatic char x_bits[] = {"),
        Kind("a FITS picture", "SIMPLE  =                    T"),
        Kind("a DICOM picture", padded(padded([], to: 128) + Array("DICM".utf8))),
        Kind("an HDF5 file of arrays", padded([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])),
        Kind("a MATLAB file of arrays", "MATLAB 5.0 MAT-file, Platform: GLNXA64"),
        Kind(
            "a NumPy archive (.npz) of arrays",
            padded(Array("PK\u{3}\u{4}".utf8) + padded([], to: 22) + [9, 0, 0, 0] + Array("train.npy".utf8))),
    ]

    @Test(arguments: kinds) func byContent(_ kind: Kind) throws {
        #expect(kind.head.withUnsafeBytes { ContentKind(head: $0) }.description == kind.testDescription)
        let folder = try TemporaryFolder()
        try folder.add("good.png", Picture.noise(width: 2, height: 2, channels: 1))
        let path = try folder.add("other.data", kind.head)
        let collection = try ImageCollection.scan([folder.path])
        #expect(collection.faults.map(\.path) == [path] && collection.faults.first?.reason == .unsupported)
        #expect(throws: ImageError.self) { try ImageCollection.scan([folder.path], isStrict: true) }
        let error = #expect(throws: ImageError.self) { try ImageCollection.scan([path]) }
        #expect(error?.description.contains("it is \(kind.testDescription); ") == true)
    }

    /// First bytes alone, from the formats' own descriptions, of kinds that are told by a mark.
    static let marks: [Kind] = [
        Kind("a raw camera picture", "IIRO\u{8}"), Kind("a raw camera picture", "IIRS\u{8}"),
        Kind("a raw camera picture", "MMOR\0"), Kind("a raw camera picture", "IIU\0\u{18}"),
        Kind("a raw camera picture", "\0MRM\0"), Kind("a raw camera picture", "FOVb\u{1}"),
        Kind("a raw camera picture", "II\u{1a}\0\0\0HEAPCCDR\u{2}"), Kind("a HEIC picture", "\0\0\0\u{18}ftyphevc"),
        Kind("a HEIC picture", "\0\0\0\u{18}ftypmsf1"), Kind("an AVIF picture", "\0\0\0\u{18}ftypavis"),
        Kind("a JPEG XL picture", "\0\0\0\u{c}JXL \r\n"), Kind("a JPEG XR picture", [0x49, 0x49, 0xbc, 1, 0]),
        Kind("a farbfeld picture", "farbfeld\0"), Kind("a Radiance HDR picture", "#?RGBE\n"),
        Kind("a DPX picture", "SDPX\0"), Kind("a DPX picture", "XPDS\0"),
        Kind("a Cineon picture", [0x80, 0x2a, 0x5f, 0xd7, 0]), Kind("an SGI picture", [1, 0xda, 0, 1, 0]),
        Kind("an SGI picture", [1, 0xda, 0, 2, 0]), Kind("an SGI picture", [1, 0xda, 1, 2, 0]),
        Kind("an MNG picture", [0x8a, 0x4d, 0x4e, 0x47, 13]), Kind("a JNG picture", [0x8b, 0x4a, 0x4e, 0x47, 13]),
        Kind("a FLIF picture", "FLIF3"), Kind("a BPG picture", [0x42, 0x50, 0x47, 0xfb, 0]),
        Kind("a Windows metafile picture", [0xd7, 0xcd, 0xc6, 0x9a, 0]),
        Kind("a Windows metafile picture", padded([1], to: 40) + Array(" EMF".utf8)),
        Kind("a DjVu picture", "AT&TFORM\0"), Kind("an IFF picture", "FORM\0\0\0\u{9}ILBM"),
        Kind("an XPM picture", "/* XPM */\nstatic"), Kind("a KTX picture", [0xab, 0x4b, 0x54, 0x58, 0x20]),
        Kind("an ASTC picture", [0x13, 0xab, 0xa1, 0x5c, 4]), Kind("a CALS picture", "srcdocid: NONE"),
        Kind("a NetCDF file of arrays", "CDF\u{1}\0"), Kind("a NetCDF file of arrays", "CDF\u{2}\0"),
    ]

    @Test(arguments: marks) func byFirstBytes(_ kind: Kind) {
        func name(_ head: some Collection<UInt8>) -> String {
            Array(head).withUnsafeBytes { ContentKind(head: $0) }.description
        }
        #expect(name(kind.head) == kind.testDescription)
        // One byte later the same is something else.
        #expect(name([0x7e] + kind.head) != kind.testDescription)
    }

    /// Types 1 and 9 have a color map, types 2, 3, 10 and 11 have none; a pixel has 8, 15, 16, 24 or 32 bits; and neither
    /// side is 0 (the format's description of 1991, pages 6 to 9).
    @Test func picturesWithoutAMarkAreToldByTheirHeader() {
        func isTGA(type: UInt8, map: UInt8 = 0, mapLength: UInt8 = 0, bits: UInt8 = 24, sides: [UInt8] = [9, 0, 7, 0])
            -> Bool
        {
            let head = [0, map, type, 0, 0, mapLength, 0, 0, 0, 0, 0, 0] + sides + [bits, 0]
            return head.withUnsafeBytes { ContentKind(head: $0) }.description == "a TGA picture"
        }
        #expect((0...255).filter { isTGA(type: $0) } == [2, 3, 10, 11])
        #expect((0...255).filter { isTGA(type: $0, map: 1, mapLength: 5) } == [1, 9])
        #expect((0...255).filter { isTGA(type: $0, mapLength: 5) } == [])
        #expect((0...255).filter { isTGA(type: 2, map: $0) } == [0])
        #expect((0...255).filter { isTGA(type: 2, bits: $0) } == [8, 15, 16, 24, 32])
        #expect(!isTGA(type: 2, sides: [0, 0, 7, 0]) && !isTGA(type: 2, sides: [9, 0, 0, 0]))
        #expect(isTGA(type: 2, sides: [0, 1, 0, 1]))
    }

    /// The marks at the beginnings of files, as the list of `file` (https://www.darwinsys.com/file/) has them.
    @Test func whatIsSomethingElse() {
        let tar = [UInt8](repeating: 0x61, count: 257) + Array("ustar\0".utf8)
        let film = [0, 0, 0, 0x20] + Array("ftypisom".utf8)
        // Each with the place of a byte without which it is something else.
        let others: [(String, [UInt8], Int)] = [
            ("xz data", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], 5), ("a tar archive", tar, 261),
            ("Zstandard data", [0x28, 0xb5, 0x2f, 0xfd], 3), ("a 7-Zip archive", [0x37, 0x7a, 0xbc, 0xaf, 0x27], 3),
            ("an Office document or a cache of thumbnails", [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], 7),
            ("a film", [0x1a, 0x45, 0xdf, 0xa3], 3), ("a film", [0, 0, 1, 0xba], 3), ("a film", film, 4),
            ("a sound", [0xff, 0xfb], 1), ("a font", [0, 1, 0, 0, 0], 4),
        ]
        for (name, head, place) in others {
            #expect(head.withUnsafeBytes { ContentKind(head: $0) }.description == name)
            var other = head
            other[place] ^= 0x55
            #expect(other.withUnsafeBytes { ContentKind(head: $0) }.description != name, "\(name)")
        }
    }

    @Test func whatIsNoPicture() {
        let others: [(String, String)] = [
            ("a ZIP archive", "PK\u{3}\u{4}................................photo.png"), ("a PDF document", "%PDF-1.7"),
            ("a text file", "P5 is a road in the north."), ("a text file", "BMW and others\n"),
            ("a text file", "<html><svg></svg></html>"), ("a text file", "name,label\n"),
        ]
        for (name, head) in others {
            #expect(Array(head.utf8).withUnsafeBytes { ContentKind(head: $0) }.description == name)
        }
    }

    /// A folder that may not be listed may hold pictures.
    @Test func aClosedFolderIsCounted() async {
        await #expect(processExitsWith: .success) {
            try giveUpSuperuserRights()
            let folder = try TemporaryFolder()
            try folder.add("good.png", Picture.noise(width: 2, height: 3, channels: 1))
            mkdir(folder("closed"), 0)
            let collection = try ImageCollection.scan([folder.path])
            #expect(collection.items.map(\.name) == ["good.png"])
            #expect(collection.skipped.map(\.path) == [folder("closed")])
            #expect(collection.skipped.map(\.reason) == [.unreadable] && collection.faults.count == 1)
            #expect(throws: ImageError.self) { try ImageCollection.scan([folder.path], isStrict: true) }
        }
    }

    /// One of each in a folder: nothing is silent, and what may be a picture fails where that was asked for.
    @Test func everythingInAFolderIsCounted() throws {
        let folder = try TemporaryFolder()
        try folder.add("good.png", Picture.noise(width: 2, height: 3, channels: 1))
        let faults: [String: ImageCollection.SkipReason] = [
            "empty.png": .unreadable, "empty.tga": .unreadable, "empty.npy": .unreadable, "dangling.jpg": .unreadable,
            "noise.tga": .unsupported, "noise.raw": .unsupported, "noise.bin": .unknown, "ints.idx": .array,
            "array.npy.gz": .array, "picture.jp2.gz": .array,
        ]
        let noise = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 3) } + [0, 0]
        for name in ["empty.png", "empty.tga", "empty.npy"] { try folder.add(name, []) }
        for name in ["noise.tga", "noise.raw", "noise.bin"] { try folder.add(name, noise) }
        symlink(folder("nowhere"), folder("dangling.jpg"))
        try folder.add("ints.idx", [0, 0, 0x0c, 1, 0, 0, 0, 1, 0, 0, 0, 1])
        try folder.add("array.npy.gz", gzip(NumPyArray.encode([1] as [UInt8], shape: [1, 1])))
        try folder.add("picture.jp2.gz", gzip([0xff, 0x4f, 0xff, 0x51, 0]))
        let others: [String: ImageCollection.SkipReason] = [
            "notes.txt": .notAPicture, "empty.txt": .notAPicture, "table.csv.gz": .notAPicture, "dangling.txt": .link,
            "numbers.npy": .labels, "column.npy": .labels, "codes.npy": .codes, "codes.names.csv": .notAPicture,
        ]
        try folder.add("notes.txt", Array("notes".utf8))
        try folder.add("empty.txt", [])
        try folder.add("table.csv.gz", gzip(Array("a,b\n1,2\n".utf8)))
        symlink(folder("nowhere"), folder("dangling.txt"))
        try NumPyArray.write([1, 2, 3] as [Int64], shape: [3], path: folder("numbers.npy"))
        try NumPyArray.write([1, 2, 3] as [Int64], shape: [3, 1], path: folder("column.npy"))
        try NumPyArray.write([1, 2, 3, 4] as [Float], shape: [2, 2], path: folder("codes.npy"))
        try folder.add("codes.names.csv", Array("name,label\na,\nb,\n".utf8))
        let expected = faults.merging(others) { $1 }

        let collection = try ImageCollection.scan([folder.path])
        #expect(collection.items.map(\.name) == ["good.png"])
        var reasons: [String: ImageCollection.SkipReason] = [:]
        for skipped in collection.skipped {
            reasons[String(skipped.path.dropFirst(folder.path.count + 1))] = skipped.reason
        }
        for (name, reason) in expected { #expect(reasons[name] == reason, "\(name)") }
        #expect(reasons.count == expected.count)
        #expect(collection.faults.allSatisfy { $0.error != nil })
        // Each of them alone beside a good picture.
        for name in faults.keys {
            let alone = try TemporaryFolder()
            try alone.add("good.png", Picture.noise(width: 2, height: 3, channels: 1))
            rename(folder(name), alone(name))
            #expect(throws: ImageError.self, "\(name)") { try ImageCollection.scan([alone.path], isStrict: true) }
            rename(alone(name), folder(name))
        }
        for name in others.keys where !name.hasPrefix("codes") {
            let alone = try TemporaryFolder()
            try alone.add("good.png", Picture.noise(width: 2, height: 3, channels: 1))
            rename(folder(name), alone(name))
            #expect(try ImageCollection.scan([alone.path], isStrict: true).items.count == 1, "\(name)")
        }
    }

    @Test func aFileReachedTwiceIsReadOnceWhereThatIsAsked() throws {
        let folder = try TemporaryFolder()
        let one = try folder.add("in/a.png", Picture.noise(width: 2, height: 3, channels: 1))
        try folder.add("in/sub/b.png", Picture.noise(width: 3, height: 3, channels: 1))
        symlink(one, folder("in/link.png"))
        Glibc.link(one, folder("in/sub/hard.png"))
        let all = try ImageCollection.scan([folder("in")])
        #expect(all.items.count == 4)
        let once = try ImageCollection.scan([folder("in"), folder("in/sub"), one], readsFilesOnce: true)
        #expect(once.items.map(\.name) == [one, folder("in/sub/b.png")])
        #expect(once.skippedSummary == "5 files reached twice" && once.faults.isEmpty)
        let apart = try ImageCollection.scan([folder("in/sub/b.png")])
        let rest = try ImageCollection.scan([folder("in")], readsFilesOnce: true, apartFrom: apart)
        #expect(rest.items.map(\.name) == ["a.png"])
        #expect(throws: ImageError.self) {
            try ImageCollection.scan([folder("in/sub/b.png")], readsFilesOnce: true, apartFrom: apart)
        }
    }
}
