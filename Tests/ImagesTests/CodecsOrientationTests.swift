import CZlib
import Foundation
import Images
import Testing
import TestSupport

/// Which way up a picture is stands in many places. All files here hold 3 × 2 pixels as stored.
@Suite struct CodecsOrientationTests {
    /// Rows 0 1 2 and 3 4 5.
    private static let stored: [UInt8] = [0, 10, 20, 30, 40, 50]
    /// Orientation 6: what is to be seen is the stored rows turned right, so that the left column becomes the top row.
    private static let turned = Picture(width: 2, height: 3, channels: 1, pixels: [30, 0, 40, 10, 50, 20])
    private static let plain = Picture(width: 3, height: 2, channels: 1, pixels: stored)

    private static func png(before: [UInt8] = [], after: [UInt8] = []) -> [UInt8] {
        let rows: [UInt8] = [0] + stored[..<3] + [0] + stored[3...]
        return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
            + pngChunk("IHDR", bigEndian(3) + bigEndian(2) + [8, 0, 0, 0, 0]) + before + pngChunk("IDAT", zlib(rows))
            + after
            + pngChunk("IEND", [])
    }

    private static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        var length = compressBound(UInt(bytes.count))
        return [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, initialized in
            _ = compress(buffer.baseAddress, &length, bytes, UInt(bytes.count))
            initialized = Int(length)
        }
    }

    /// A first directory that states an orientation, after TIFF 6.0, section 2.
    ///
    /// - Parameters:
    ///   - type: 1 BYTE, 3 SHORT, 4 LONG, 6 SBYTE, 8 SSHORT, 9 SLONG.
    ///   - filling: bytes of another entry, ahead of it.
    private static func exif(type: Int = 3, value: Int = 6, isBig: Bool = false, filling: Int = 0) -> [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return isBig ? little.reversed() : little
        }
        let size = [1: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4][type] ?? 4
        let own =
            number(0x112, 2) + number(type, 2) + number(1, 4) + number(value, size)
            + .init(repeating: 0, count: 4 - size)
        let other = number(0x10e, 2) + number(2, 2) + number(filling, 4) + number(8 + 2 + 24 + 4, 4)
        let entries = filling > 0 ? other + own : own
        return Array((isBig ? "MM\0*" : "II*\0").utf8).map { $0 } + number(8, 4) + number(entries.count / 12, 2)
            + entries
            + number(0, 4) + .init(repeating: 65, count: filling)
    }

    /// ImageMagick's form of binary data in a text.
    private static func hexadecimal(_ bytes: [UInt8], name: String = "exif") -> [UInt8] {
        let digits = Array(bytes.map { String(format: "%02x", $0) }.joined().utf8)
        let lines = stride(from: 0, to: digits.count, by: 72).map { digits[$0..<min($0 + 72, digits.count)] + [10] }
        return Array("\n\(name)\n\(String(format: "%8d", bytes.count))\n".utf8) + lines.joined()
    }

    private static let marked = Array("Exif\0\0".utf8) + exif()
    private static let attribute = Array(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:Description tiff:Orientation=\"6\"/></x:xmpmeta>".utf8)
    private static let element = Array("<tiff:Orientation>\n  6\n</tiff:Orientation>".utf8)

    private static func text(_ type: String, _ keyword: String, _ rest: [UInt8]) -> [UInt8] {
        pngChunk(type, Array(keyword.utf8) + [0] + rest)
    }

    struct Place: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let chunks: [UInt8]

        init(_ description: String, _ chunks: [UInt8]) { (testDescription, self.chunks) = (description, chunks) }
    }

    static let places: [Place] = {
        var places: [Place] = []
        for (type, name) in [(1, "BYTE"), (3, "SHORT"), (4, "LONG"), (6, "SBYTE"), (8, "SSHORT"), (9, "SLONG")] {
            for isBig in [false, true] {
                places.append(
                    Place("\(name), \(isBig ? "big" : "little")", pngChunk("eXIf", exif(type: type, isBig: isBig))))
            }
        }
        let hex = hexadecimal(marked)
        return places + [
            Place("more than 64 KB", pngChunk("eXIf", exif(filling: 70_000))),
            Place("with the mark of a JPEG file", pngChunk("eXIf", marked)),
            Place("zTXt", text("zTXt", "Raw profile type exif", [0] + zlib(hex))),
            Place("tEXt", text("tEXt", "Raw profile type exif", hex)),
            Place("tEXt, APP1", text("tEXt", "Raw profile type APP1", hexadecimal(marked, name: "app1"))),
            Place("iTXt", text("iTXt", "Raw profile type exif", [0, 0, 0, 0] + hex)),
            Place(
                "iTXt, compressed", text("iTXt", "Raw profile type exif", [1, 0] + Array("en\0x\0".utf8) + zlib(hex))),
            Place("XMP, an attribute", text("iTXt", "XML:com.adobe.xmp", [0, 0, 0, 0] + attribute)),
            Place("XMP, an element", text("iTXt", "XML:com.adobe.xmp", [0, 0, 0, 0] + element)),
            Place("XMP, compressed", text("iTXt", "XML:com.adobe.xmp", [1, 0, 0, 0] + zlib(attribute))),
            Place(
                "XMP in digits", text("zTXt", "Raw profile type xmp", [0] + zlib(hexadecimal(attribute, name: "xmp")))),
            Place(
                "EXIF before XMP",
                text("tEXt", "Raw profile type xmp", hexadecimal(Array("tiff:Orientation=\"3\"".utf8)))
                    + pngChunk("eXIf", exif())),
            Place(
                "after one that says nothing",
                text("tEXt", "Raw profile type exif", Array("\nexif\n 3\nzz\n".utf8))
                    + pngChunk("eXIf", exif())),
        ]
    }()

    @Test(arguments: places) func inAPNG(_ place: Place) throws {
        let scratch = try TemporaryFolder()
        for file in [Self.png(before: place.chunks), Self.png(after: place.chunks)] {
            #expect(try decode(file) == Self.turned)
            let header = try PictureFile.header(path: scratch.write("picture.png", file))
            #expect(header.width == 2 && header.height == 3)
        }
    }

    /// A text of five million bytes, as nobody writes it, is read, and one of more than sixteen million is not.
    @Test(arguments: [(5_000_000, true), (17_000_000, false)]) func inALongText(count: Int, isRead: Bool) throws {
        let spaces = [UInt8](repeating: 0x20, count: count)
        let chunk = Self.text("zTXt", "Raw profile type exif", [0] + Self.zlib(Self.hexadecimal(Self.marked) + spaces))
        #expect(try decode(Self.png(before: chunk)) == (isRead ? Self.turned : Self.plain))
    }

    /// Behind more pixels than are read for a header.
    @Test func behindManyPixels() throws {
        let scratch = try TemporaryFolder()
        var noise = Picture(width: 400, height: 300, channels: 3, filledWith: 0)
        var state: UInt32 = 1
        for index in noise.pixels.indices {
            state = state &* 1_664_525 &+ 1_013_904_223
            noise.pixels[index] = UInt8(state >> 24)
        }
        let plain = try PNG.encode(noise)
        #expect(plain.count > 200_000)
        let path = try scratch.write(
            "p.png", plain.dropLast(12) + pngChunk("eXIf", Self.exif(value: 8)) + plain.suffix(12))
        let header = try PictureFile.header(path: path)
        #expect(header.width == 300 && header.height == 400)
        let read = try PictureFile.read(path: path)
        #expect(read.width == 300 && read[0, 399, 1] == noise[0, 0, 1] && read[0, 0, 1] == noise[399, 0, 1])
    }

    @Test(arguments: [1, 3, 4, 8, 9]) func ofAJPEG(type: Int) throws {
        let bytes = ImageFixture.jpeg("gray"), plain = try decode(bytes)
        func labeled(_ labels: [UInt8]...) -> [UInt8] {
            bytes.prefix(2) + labels.flatMap { [0xff, 0xe1] + bigEndian($0.count + 2).suffix(2) + $0 }
                + bytes.dropFirst(2)
        }
        let exif = Array("Exif\0\0".utf8) + Self.exif(type: type, isBig: type % 2 == 0)
        let xmp = Array("http://ns.adobe.com/xap/1.0/\0".utf8) + Self.attribute
        let upright = Array("http://ns.adobe.com/xap/1.0/\0<x tiff:Orientation='1'/>".utf8)
        for file in [labeled(exif), labeled(xmp), labeled(upright, exif), labeled(Array("Exif\0\0".utf8), xmp)] {
            let picture = try decode(file)
            #expect(picture.width == plain.height && picture.height == plain.width)
            #expect(picture[picture.width - 1, 0, 0] == plain[0, 0, 0])
        }
    }

    /// A picture is worth more than its labels.
    @Test func labelsThatSayNothing() throws {
        let nothing: [[UInt8]] = [
            pngChunk("eXIf", Self.exif(value: 9)), pngChunk("eXIf", Self.exif(value: 0)), pngChunk("eXIf", []),
            pngChunk("eXIf", Array("II*\0".utf8) + .init(repeating: 255, count: 40)),
            // A check sum that does not fit.
            Array(pngChunk("eXIf", Self.exif()).dropLast()) + [1],
            Self.text("zTXt", "Raw profile type exif", [0, 1, 2, 3]), Self.text("iTXt", "XML:com.adobe.xmp", [1]),
            Self.text("tEXt", "Comment", Self.element), Self.text("iTXt", "XML:com.adobe.xmp", [0, 0, 0, 0, 0x36]),
            Self.text("iTXt", "XML:com.adobe.xmp", [0, 0, 0, 0] + Array("tiff:Orientation=\"66\"".utf8)),
            Self.text("iTXt", "XML:com.adobe.xmp", [0, 0, 0, 0] + Array("tiff:Orientation".utf8)),
        ]
        for chunk in nothing {
            #expect(try decode(Self.png(before: chunk)) == Self.plain)
            #expect(try decode(Self.png(after: chunk)) == Self.plain)
        }
        // Whatever follows the end mark is no part of the picture.
        #expect(try decode(Self.png() + pngChunk("eXIf", Self.exif())) == Self.plain)
    }

    @Test func onlyTheFirstPictureOfAnAnimationIsReadAndThatIsSaid() throws {
        let scratch = try TemporaryFolder()
        try scratch.add("moving.png", Self.png(before: pngChunk("acTL", bigEndian(2) + bigEndian(0))))
        try scratch.add("still.png", Self.png())
        let collection = try ImageCollection.scan([scratch.path])
        #expect(collection.items.map(\.isAnimated) == [true, false])
        #expect(collection.remarks == ["1 file is an animation: its first picture is read"])
        #expect(try ImageCollection.scan([scratch("still.png")]).remarks.isEmpty)
    }
}
