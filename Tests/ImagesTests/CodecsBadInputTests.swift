import Foundation
import Images
import Testing
import TestSupport

@Suite struct CodecsBadInputTests {
    private func read(_ bytes: [UInt8]) -> ImageError? { failure { () throws(ImageError) in try decode(bytes) } }

    @Test func missingAndUnreadable() throws {
        let scratch = try TemporaryFolder()
        let missing = scratch("missing.png")
        #expect(failure { () throws(ImageError) in try PictureFile.read(path: missing) } == .noSuchFile(path: missing))
        #expect(
            failure { () throws(ImageError) in try PictureFile.read(path: scratch.path) }
                == .unreadable(path: scratch.path, reason: "it is a folder"))
        #expect(
            failure { () throws(ImageError) in try PictureFile.header(path: missing) } == .noSuchFile(path: missing))
    }

    @Test func contentDecidesNotTheName() throws {
        let scratch = try TemporaryFolder()
        let jpeg = try scratch.write("picture.png", ImageFixture.jpeg("gray"))
        #expect(try PictureFile.read(path: jpeg).width == 19)
        let text = try scratch.write("text.png", Array("Dear reader,\n".utf8))
        let error = failure { () throws(ImageError) in try PictureFile.read(path: text) }
        #expect(error == .notAPicture(path: text, reason: "it is a text file"))
        #expect(error?.errorDescription?.hasPrefix("\(text): is not a picture: it is a text file. ") == true)
        let empty = try scratch.write("empty.jpg", [])
        #expect(
            failure { () throws(ImageError) in try PictureFile.read(path: empty) }
                == .notAPicture(path: empty, reason: "it is empty"))
        #expect(read([1, 2, 3, 0]) == .notAPicture(path: "picture", reason: "it is of no kind that is known here"))
        #expect(
            read(Array("GIF89a...".utf8))
                == .unsupported(path: "picture", reason: "it is a GIF picture; convert it to PNG or JPEG"))
        #expect(read(idx([1, 1, 1], [0])) == .notAPicture(path: "picture", reason: "it is an IDX file"))
        // As a transfer of text would leave it.
        #expect(isDamaged(read(ImageFixture.png("gray 8").filter { $0 != 0x0d })))
    }

    @Test func kinds() throws {
        let scratch = try TemporaryFolder()
        func kind(_ bytes: [UInt8]) throws -> ContentKind { try ContentKind.of(path: scratch.write("file", bytes)) }
        #expect(try kind(ImageFixture.png("gray 8")) == .png)
        #expect(try kind(ImageFixture.jpeg("gray")) == .jpeg)
        #expect(try kind(idx([1, 1, 1], [0])) == .idx)
        #expect(try kind(gzip([1])) == .gzip)
        #expect(try kind(NumPyArray.encode([1] as [Float], shape: [1])) == .npy)
        #expect(try kind([]) == .empty)
        #expect(try kind(Array("RIFF\0\0\0\0WEBPVP8 ".utf8)).description == "a WebP picture")
        #expect(try kind(Array("Blue is a color".utf8)) == .text)
    }

    @Test func truncatedPNG() throws {
        for name in ["gray 8", "rgba 16 interlaced", "palette 4 key"] {
            let whole = ImageFixture.png(name)
            let picture = try decode(whole)
            // The end mark, 12 bytes, is all that may be missing.
            for count in 4..<whole.count {
                do throws(ImageError) {
                    let cut = try decode(Array(whole.prefix(count)))
                    #expect(cut == picture && count >= whole.count - 12, "\(count) of \(whole.count) bytes")
                } catch {
                    #expect(isTruncated(error) && count < whole.count - 12, "\(count) bytes: \(error)")
                }
            }
        }
    }

    @Test(arguments: ["gray", "color 4:2:0", "color progressive", "color with restart marks", "CMYK of Adobe"])
    func truncatedJPEG(name: String) throws {
        let whole = ImageFixture.jpeg(name)
        let picture = try decode(whole)
        for count in 3..<whole.count {
            do throws(ImageError) {
                let cut = try decode(Array(whole.prefix(count)))
                // Without the end mark, and with the last byte of filling, all pixels can still be there.
                #expect(cut == picture && count >= whole.count - 4, "\(count) of \(whole.count) bytes")
            } catch {
                #expect(isTruncated(error), "\(count) bytes: \(error)")
            }
        }
    }

    @Test func tooLarge() {
        let huge = ImageError.tooLarge(path: "picture", width: 30_000, height: 30_000, limit: 1 << 28)
        let pixels = pngChunk("IDAT", [0x78, 0x9c, 0x63])
        #expect(read(pngFile(width: 30_000, height: 30_000, pixels + pngChunk("IEND", []))) == huge)
        // Also where nothing follows the header.
        #expect(read(pngFile(width: 30_000, height: 30_000, [])) == huge)
        #expect(read(jpeg(ImageFixture.jpeg("gray"), width: 30_000, height: 30_000)) == huge)
        #expect(read(jpeg(ImageFixture.jpeg("color progressive"), width: 30_000, height: 30_000)) == huge)
        #expect(huge.description.contains("30000 × 30000 pixels, and up to 268 million"))
        let widest = pngFile(width: 0x7fff_ffff, height: 0x7fff_ffff, pixels)
        #expect(
            read(widest)
                == .tooLarge(path: "picture", width: 0x7fff_ffff, height: 0x7fff_ffff, limit: 1 << 28))
    }

    /// Within the limit, but more than so few bytes can hold: refused before gigabytes are asked for.
    @Test func moreThanTheFileCanHold() {
        let pixels = pngChunk("IDAT", [0x78, 0x9c, 0x63])
        for file in [
            pngFile(width: 16_000, height: 16_000, pixels),
            jpeg(ImageFixture.jpeg("gray"), width: 16_000, height: 16_000),
            jpeg(ImageFixture.jpeg("color progressive"), width: 16_000, height: 16_000),
        ] {
            #expect(
                read(file)
                    == .truncated(path: "picture", reason: "\(file.count) bytes cannot hold 16000 × 16000 pixels"))
        }
    }

    @Test func damagedPNG() {
        var bytes = ImageFixture.png("rgb 8")
        bytes[bytes.count - 20] ^= 1
        guard case .damaged(_, let reason)? = read(bytes) else {
            Issue.record("was read")
            return
        }
        #expect(reason == "libpng says \"IDAT: incorrect data check\"")
        bytes[bytes.count - 20] ^= 1
        bytes[50] ^= 1
        #expect(isDamaged(read(bytes)))
        // Sound chunks, and pixels that end early.
        #expect(
            isDamaged(
                read(
                    pngFile(
                        width: 4, height: 4, pngChunk("IDAT", [0x78, 0x9c, 3, 0, 0, 0, 0, 1]) + pngChunk("IEND", [])))))
        #expect(isDamaged(read(pngFile(width: 0, height: 4, []))))
    }

    @Test func unsupportedJPEG() throws {
        // The frame header: its kind, its bits a sample, its channels.
        let bytes = ImageFixture.jpeg("gray")
        let frame = try #require((2..<bytes.count - 1).first { bytes[$0] == 0xff && bytes[$0 + 1] == 0xc0 })
        var deep = bytes
        deep[frame + 4] = 12
        #expect(isUnsupported(read(deep)))
        var lossless = bytes
        lossless[frame + 1] = 0xc3
        #expect(isUnsupported(read(lossless)))
        #expect(isUnsupported(read(jpeg(bytes, width: 65_535, height: 1))))
    }

    /// A file of zeros takes no room, whatever its length.
    @Test func aFileThatIsTooLongIsNotRead() throws {
        let folder = try TemporaryFolder(), path = try folder.write("long.png", Array(ImageFixture.png("gray 8")))
        #expect(truncate(path, 1 << 33 + 1) == 0)
        #expect(throws: ImageError.unsupported(path: path, reason: "it is longer than 4 GiB")) {
            try PictureFile.read(path: path)
        }
    }

    /// A scan repeated for ever costs the file a few bytes and the decoder the whole picture.
    @Test func thousandsOfScans() throws {
        let bytes = ImageFixture.jpeg("gray progressive")
        let scans = bytes.indices.dropLast().filter { bytes[$0] == 0xff && bytes[$0 + 1] == 0xda }
        let tables = bytes.indices.dropLast().filter { bytes[$0] == 0xff && bytes[$0 + 1] == 0xc4 }
        let first = try #require(scans.first)
        let end = try #require(tables.first { $0 > first } ?? scans.dropFirst().first)
        let scan = Array(bytes[first..<end])
        func repeated(_ count: Int) -> [UInt8] {
            bytes.prefix(end) + (0..<count).flatMap { _ in scan } + bytes.dropFirst(end)
        }
        #expect(try decode(repeated(3)) == decode(bytes))
        #expect(
            read(repeated(2000)) == .unsupported(path: "picture", reason: "libjpeg says \"it has more than 500 scans\"")
        )
    }
}
