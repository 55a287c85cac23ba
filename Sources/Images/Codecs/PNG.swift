import ByteStreams
import CCodecs
import Requirements

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes PNG files: 8 bits, gray or RGB, without any label or date.
package enum PNG {
    /// The picture as a PNG file, losslessly. The same bytes for the same pixels and the same libpng and zlib.
    ///
    /// - Throws: `outOfMemory`; `unsupported` where a side has 2^31 pixels or more.
    package static func encode(_ picture: Picture) throws(ImageError) -> [UInt8] {
        try withEncoded(picture, name: "the picture") { Array($0) }
    }

    /// Writes the picture to a file, replacing it as a whole: a reader finds all of the picture or what was there before.
    ///
    /// - Throws: `unwritable`, and what `encode` throws.
    package static func write(_ picture: Picture, path: String) throws(ImageError) {
        try withEncoded(picture, name: path) { (bytes) throws(ImageError) in
            try OutputFile<ImageError>.replace(path, with: bytes)
        }
    }

    private static func withEncoded<Result>(
        _ picture: Picture, name: String, _ body: (UnsafeRawBufferPointer) throws(ImageError) -> Result
    ) throws(ImageError) -> Result {
        guard let width = UInt32(exactly: picture.width), let height = UInt32(exactly: picture.height) else {
            throw .unsupported(path: name, reason: "PNG holds no \(picture.width) × \(picture.height) pixels")
        }
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        let status = picture.pixels.withUnsafeBufferPointer {
            jacquard_png_encode($0.baseAddress, width, height, UInt32(picture.channels), &bytes, &count)
        }
        defer { free(bytes) }
        guard status == JACQUARD_CODEC_OK else {
            throw status == JACQUARD_CODEC_OUT_OF_MEMORY
                ? .outOfMemory(path: name, bytes: picture.pixels.count)
                : .unsupported(path: name, reason: "PNG holds no \(picture.width) × \(picture.height) pixels")
        }
        return try body(UnsafeRawBufferPointer(start: bytes, count: count))
    }
}

/// A line of text inside a PNG file, which viewers show among the picture's properties: a chunk `iTXt` of the PNG
/// specification (third edition, section 11.3.3.4), uncompressed.
package struct PNGText: Hashable, Sendable {
    /// One of the specification's keywords, such as "Software" or "Description": 1 to 79 characters of ASCII.
    package var keyword: String
    package var text: String

    /// - Precondition: a keyword of 1 to 79 printable characters of ASCII.
    package init(_ keyword: String, _ text: String) {
        require(
            (1...79).contains(keyword.utf8.count) && keyword.utf8.allSatisfy { (32...126).contains($0) },
            "\"\(keyword)\" is no keyword of a PNG text")
        (self.keyword, self.text) = (keyword, text)
    }

    /// The chunk: length, type, data, and the CRC of type and data.
    var chunk: [UInt8] {
        // No compression, its method, no language, no translated keyword.
        let data = Array(keyword.utf8) + [0, 0, 0, 0, 0] + Array(text.utf8.filter { $0 != 0 })
        let body = Array("iTXt".utf8) + data
        return Self.bigEndian(UInt32(data.count)) + body + Self.bigEndian(Self.checksum(body))
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    /// CRC-32 as PNG uses it (ISO 3309): bit by bit, for a few hundred bytes.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(0xffff_ffff as UInt32) { remainder, byte in
            (0..<8).reduce(remainder ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xedb8_8320 : 0) }
        }
    }
}

extension PNG {
    /// Signature and header: texts come right behind them.
    private static let headLength = 8 + 25

    /// The picture as a PNG file with lines of text in it.
    ///
    /// - Throws: as `encode(_:)`.
    package static func encode(_ picture: Picture, texts: [PNGText]) throws(ImageError) -> [UInt8] {
        let plain = try encode(picture)
        return Array(plain[..<headLength]) + texts.flatMap(\.chunk) + plain[headLength...]
    }

    /// Writes the picture with lines of text in it, replacing the file as a whole.
    ///
    /// - Throws: `unwritable`, and what `encode` throws.
    package static func write(_ picture: Picture, texts: [PNGText], path: String) throws(ImageError) {
        let bytes = try encode(picture, texts: texts)
        try bytes.withUnsafeBufferPointer { (bytes) throws(ImageError) in
            try OutputFile<ImageError>.replace(path, with: UnsafeRawBufferPointer(bytes))
        }
    }
}
