import CZlib
import Foundation
import Images
import Testing

/// Lines of text in a PNG, as section 11.3.3.4 of its specification writes them.
@Suite struct PNGTextTests {
    @Test func aTextStandsBetweenHeaderAndPicture() throws {
        let picture = Picture.noise(width: 5, height: 3, channels: 3), plain = try PNG.encode(picture)
        let bytes = try PNG.encode(picture, texts: [PNGText("Software", "a\u{0}ä"), PNGText("Title", "")])
        let texts = [
            Array("Software".utf8) + [0, 0, 0, 0, 0] + Array("aä".utf8), Array("Title".utf8) + [0, 0, 0, 0, 0],
        ].map { data -> [UInt8] in
            let body = Array("iTXt".utf8) + data, sum = crc32(0, body, UInt32(body.count))
            return withUnsafeBytes(of: UInt32(data.count).bigEndian, Array.init) + body
                + withUnsafeBytes(of: UInt32(sum).bigEndian, Array.init)
        }
        // Signature, and a header of 13 bytes with length, type and check sum.
        #expect(bytes == Array(plain[..<33]) + texts[0] + texts[1] + plain[33...])
        #expect(try bytes.withUnsafeBytes { try PictureFile.read($0, name: "written") } == picture)
    }
}
