import CZlib
import Foundation
import Images
import Testing

/// `Tests/Fixtures/files/images.json`, made by `Tests/Fixtures/generate/images.py`.
struct ImageFixture: Decodable {
    struct Case: Decodable, CustomTestStringConvertible {
        let name: String
        let file: Data
        let width: Int
        let height: Int
        let channels: Int
        let pixels: Data
        /// The file is to be decoded at 1/`part` of its size.
        let part: Int?

        var testDescription: String { name }
        var bytes: [UInt8] { Array(file) }
        var picture: Picture {
            Picture(width: width, height: height, channels: channels, pixels: Array(pixels))
        }
    }

    let png: [Case]
    let jpeg: [Case]
    let scaled: [Case]

    static let shared: ImageFixture = {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/files/images.json")
        do {
            return try JSONDecoder().decode(ImageFixture.self, from: Data(contentsOf: url))
        } catch {
            preconditionFailure("\(url.path): \(error); run Tests/Fixtures/generate/images.py")
        }
    }()

    static func png(_ name: String) -> [UInt8] { shared.png.first { $0.name == name }.map(\.bytes) ?? [] }
    static func jpeg(_ name: String) -> [UInt8] { shared.jpeg.first { $0.name == name }.map(\.bytes) ?? [] }
}

func decode(_ bytes: [UInt8], atLeast size: (width: Int, height: Int)? = nil) throws(ImageError) -> Picture {
    try bytes.withUnsafeBufferPointer { (bytes) throws(ImageError) in
        try PictureFile.read(UnsafeRawBufferPointer(bytes), name: "picture", atLeast: size)
    }
}

/// The error that reading ends with, or nil.
func failure<Value>(_ body: () throws(ImageError) -> Value) -> ImageError? {
    do throws(ImageError) {
        _ = try body()
        return nil
    } catch {
        return error
    }
}

/// The largest difference of two values in the same place; nil where the pictures are of different kinds.
func difference(_ one: Picture, _ other: Picture) -> Int? {
    guard one.width == other.width, one.height == other.height, one.channels == other.channels else { return nil }
    return zip(one.pixels, other.pixels).map { abs(Int($0) - Int($1)) }.max()
}

/// One member of gzip data.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    var input = bytes
    var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 100 + 64)
    return input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            _ = withUnsafeMutablePointer(to: &stream) { jacquard_gzip_deflate_init($0, 6) }
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            _ = deflate(&stream, Z_FINISH)
            let count = target.count - Int(stream.avail_out)
            deflateEnd(&stream)
            return Array(target.prefix(count))
        }
    }
}

/// Most significant byte first.
func bigEndian(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

/// A chunk of a PNG file.
func pngChunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + content
    let sum = body.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
    return bigEndian(content.count) + body + bigEndian(Int(sum))
}

/// A PNG file of RGB and 8 bits with the given chunks after its header.
func pngFile(width: Int, height: Int, _ chunks: [UInt8]) -> [UInt8] {
    [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
        + pngChunk("IHDR", bigEndian(width) + bigEndian(height) + [8, 2, 0, 0, 0]) + chunks
}

/// The bytes with the size in the frame header of a JPEG file replaced.
func jpeg(_ bytes: [UInt8], width: Int, height: Int) -> [UInt8] {
    var bytes = bytes
    var at = 2
    while !(0xc0...0xc2).contains(bytes[at + 1]) { at += 2 + Int(bytes[at + 2]) << 8 + Int(bytes[at + 3]) }
    bytes.replaceSubrange(
        at + 5..<at + 9, with: [height >> 8, height & 255, width >> 8, width & 255].map { UInt8($0) })
    return bytes
}
