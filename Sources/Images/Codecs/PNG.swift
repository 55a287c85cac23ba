import CCodecs

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes PNG files: 8 bits, grey or RGB, without any label or date.
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
            try OutputFile.replace(path, with: bytes)
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
