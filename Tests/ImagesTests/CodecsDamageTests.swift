import Foundation
import Images
import Testing
import TestSupport

/// Nothing that a file holds ends the process: every damaged file gives a picture or an error.
@Suite struct CodecsDamageTests {
    static let files: [(String, [UInt8])] =
        ["gray 1 key", "gray 16 interlaced", "palette 2 key", "rgba 16", "rgb 8 interlaced", "orientation 6"]
        .map { ("PNG " + $0, ImageFixture.png($0)) }
        + ["gray", "color 4:2:0", "color progressive", "color with restart marks", "YCCK", "orientation 5"]
        .map { ("JPEG " + $0, ImageFixture.jpeg($0)) }

    /// Each byte in turn set to values that turn lengths, counts and marks into something else.
    static func damaged(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.indices.flatMap { index -> [[UInt8]] in
            [bytes[index] ^ 0x01, bytes[index] ^ 0x80, 0x00, 0xff].map {
                var changed = bytes
                changed[index] = $0
                return changed
            }
        } + (0..<bytes.count).map { Array(bytes.prefix($0)) }
            // A piece missing in the middle.
            + (0..<bytes.count).map { Array(bytes.prefix($0) + bytes.dropFirst($0 + 5)) }
    }

    @Test(arguments: files)
    func pictures(name: String, bytes: [UInt8]) throws {
        #expect(bytes.count > 60)
        var (read, refused) = (0, 0)
        for changed in Self.damaged(bytes) {
            do throws(ImageError) {
                let picture = try decode(changed)
                let reduced = try decode(changed, atLeast: (1, 1))
                #expect(reduced.width <= picture.width)
                read += 1
            } catch {
                #expect(!error.description.isEmpty)
                refused += 1
            }
        }
        #expect(refused > 0 && read + refused == 6 * bytes.count)
    }

    /// The same behind sound check sums, so that the damage reaches what lies behind them.
    @Test(arguments: files.prefix(6))
    func chunks(name: String, bytes: [UInt8]) throws {
        var count = 0
        var at = 8
        while at + 12 <= bytes.count {
            let length = bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
            let type = String(decoding: bytes[at + 4..<at + 8], as: UTF8.self)
            for content in Self.damaged(Array(bytes[at + 8..<at + 8 + length])) {
                let changed = bytes.prefix(at) + pngChunk(type, content) + bytes.dropFirst(at + 12 + length)
                _ = failure { () throws(ImageError) in try decode(Array(changed)) }
                count += 1
            }
            at += 12 + length
        }
        #expect(count > 150)
    }

    @Test func noise() {
        var state: UInt64 = 1
        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        for (_, bytes) in Self.files {
            for _ in 0..<300 {
                var changed = bytes
                for _ in 0...(next() % 8) { changed[next() % changed.count] = UInt8(next() & 255) }
                _ = failure { () throws(ImageError) in try decode(changed) }
            }
        }
    }

    @Test func arrays() throws {
        let scratch = try TemporaryFolder()
        let values = (0..<24).map { UInt8($0) }
        let files: [(String, [UInt8])] = [
            ("IDX", idx([2, 3, 4], values)), ("IDX gzip", gzip(idx([2, 3, 4], values))),
            ("IDX color", idx([1, 3, 2, 4], values)), ("npy", NumPyFixture.bytes("three axes")),
            ("npy Fortran", NumPyFixture.bytes("big-endian in Fortran order")),
            ("npy 2.0", NumPyFixture.bytes("version 2.0")),
        ]
        for (name, bytes) in files {
            var refused = 0
            for changed in Self.damaged(bytes) {
                let path = try scratch.write("file", changed)
                let idx = failure { () throws(ImageError) in
                    let images = try IDXFile.read(path: path).images()
                    for index in 0..<images.count { _ = images[index] }
                }
                let npy = failure { () throws(ImageError) in try NumPyArray.read(path: path) }
                #expect(idx != nil || npy != nil, "\(name)")
                if idx != nil && npy != nil { refused += 1 }
            }
            #expect(refused > bytes.count, "\(name)")
        }
    }
}
