import Foundation
import Images
import Testing
import TestSupport

@Suite struct CodecsPictureFileTests {
    /// Exact: the expected pixels are fractions, rounded once.
    @Test(arguments: ImageFixture.shared.png)
    func png(_ fixture: ImageFixture.Case) throws {
        let picture = try decode(fixture.bytes)
        #expect(picture == fixture.picture)
    }

    /// Another build of libjpeg may round differently, by one step in each of its stages.
    @Test(arguments: ImageFixture.shared.jpeg)
    func jpeg(_ fixture: ImageFixture.Case) throws {
        let off = try #require(difference(try decode(fixture.bytes), fixture.picture))
        #expect(off <= 2)
    }

    @Test func fixturesCoverWhatTheyShould() {
        let fixture = ImageFixture.shared
        #expect(fixture.png.count { $0.name.hasSuffix("interlaced") } == 26)
        #expect(fixture.jpeg.count { $0.name.hasPrefix("orientation") } == 8)
        #expect(Set(fixture.jpeg.suffix(8).map(\.pixels)).count == 8)
        #expect(Set(fixture.jpeg.map(\.channels)) == [1, 3])
    }

    @Test func headers() throws {
        let scratch = try TemporaryFolder()
        let fixture = ImageFixture.shared
        for item in fixture.png + fixture.jpeg {
            let path = try scratch.write("picture", item.bytes)
            let header = try PictureFile.header(path: path)
            #expect(header.width == item.width && header.height == item.height, "\(item.name)")
            #expect(header.channels == item.channels, "\(item.name)")
        }
        let deep = try ImageFixture.png("rgb 16").withUnsafeBytes { try PictureFile.header($0, name: "deep") }
        #expect(deep.bitsPerChannel == 16)
    }

    /// The header of a JPEG file lies behind its labels, which may be long.
    @Test func headerBehindLongLabels() throws {
        let bytes = ImageFixture.jpeg("color 4:2:0")
        var long = Array(bytes.prefix(2))
        for _ in 0..<5 { long += [0xff, 0xef, 0xff, 0xff] + [UInt8](repeating: 7, count: 0xfffd) }
        long += bytes.dropFirst(2)
        let scratch = try TemporaryFolder()
        let path = try scratch.write("long.jpg", long)
        let header = try PictureFile.header(path: path)
        #expect(header.width == 19 && header.height == 13)
        #expect(try PictureFile.read(path: path) == decode(bytes))
    }

    /// Labels that are not used may be of any size, and wrong.
    @Test func largeAndBrokenLabels() throws {
        let bytes = ImageFixture.png("palette 4 key")
        let labels =
            pngChunk("tEXt", [UInt8](repeating: 65, count: 9_000_000)) + pngChunk("prIv", [1, 2, 3])
            + pngChunk("iCCP", [65, 0, 0, 1, 2, 3]) + pngChunk("gAMA", [0, 0, 0, 1])
        let labeled = Array(bytes.prefix(33)) + labels + bytes.dropFirst(33)
        #expect(try decode(labeled) == decode(bytes))
        let scratch = try TemporaryFolder()
        #expect(try PictureFile.header(path: scratch.write("labeled.png", labeled)).width == 11)
    }

    @Test(arguments: ImageFixture.shared.scaled)
    func scaled(_ fixture: ImageFixture.Case) throws {
        let (width, height) = (fixture.width, fixture.height)
        let picture = try decode(fixture.bytes, atLeast: (width, height))
        let off = try #require(difference(picture, fixture.picture))
        #expect(off <= 2)
        // One pixel more than that is not enough.
        let larger = try decode(fixture.bytes, atLeast: (width + 1, 1))
        #expect(larger.width > width && larger.height >= height)
        let higher = try decode(fixture.bytes, atLeast: (1, height + 1))
        #expect(higher.height > height)
    }

    @Test func scaledAndTurned() throws {
        // 13 × 9 as stored, on its side in the picture.
        let bytes = ImageFixture.jpeg("orientation 6")
        let whole = try decode(bytes)
        #expect(whole.width == 9 && whole.height == 13)
        let half = try decode(bytes, atLeast: (width: 4, height: 7))
        #expect(half.width == 5 && half.height == 7)
        let enough = try decode(bytes, atLeast: (width: 100, height: 100))
        #expect(enough == whole)
        // A PNG file has no cheaper form.
        #expect(try decode(ImageFixture.png("rgb 8"), atLeast: (1, 1)).width == 11)
    }

    @Test(arguments: [(1, 1, 1), (1, 1, 3), (300, 1, 3), (1, 300, 1), (37, 23, 3), (64, 33, 1)])
    func encoding(width: Int, height: Int, channels: Int) throws {
        var state: UInt32 = 1
        let pixels = (0..<width * height * channels).map { index -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: index / 3 + Int(state >> 30))
        }
        let picture = Picture(width: width, height: height, channels: channels, pixels: pixels)
        let bytes = try PNG.encode(picture)
        #expect(try decode(bytes) == picture)
        #expect(try PNG.encode(picture) == bytes)
        let scratch = try TemporaryFolder()
        try PNG.write(picture, path: scratch("picture.png"))
        #expect(try PictureFile.read(path: scratch("picture.png")) == picture)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["picture.png"])
    }

    @Test func encodingCompresses() throws {
        let flat = Picture(width: 256, height: 256, channels: 3, filledWith: 90)
        #expect(try PNG.encode(flat).count < 2000)
        // A slope is what the filters of PNG are for.
        var slope = Picture(width: 256, height: 256, channels: 1, filledWith: 0)
        for y in 0..<256 { for x in 0..<256 { slope[x, y, 0] = UInt8((x + 3 * y) & 255) } }
        #expect(try PNG.encode(slope).count < 4000)
    }
}
