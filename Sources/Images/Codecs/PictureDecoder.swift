import CCodecs

/// One file in memory, on its way from bytes to pixels through a C library.
protocol PictureDecoder: ~Copyable {
    /// The library's name, for messages.
    static var library: String { get }
    /// The bytes must outlive the decoder. Nil where there is no memory.
    init?(_ bytes: UnsafeRawBufferPointer)
    /// Reads the header. The first call.
    func readHeader(_ header: inout jacquard_picture_header) -> jacquard_codec_status
    /// Second call, where a smaller picture is enough: eighths of the size, 1 to 8. The size that comes of it, or nil
    /// where the format has no cheaper way.
    func setScale(eighths: Int) -> (width: Int, height: Int)?
    /// The header, completed by what the file's labels say.
    func labeled(_ header: PictureHeader) -> PictureHeader
    /// Last call.
    ///
    /// - Parameter ground: what transparent parts show, a value for each channel.
    func readPixels(_ pixels: UnsafeMutablePointer<UInt8>, over ground: [UInt8]) -> jacquard_codec_status
    /// The library's own message about the last error.
    var message: String { get }
}

extension PictureDecoder where Self: ~Copyable {
    static func opened(_ bytes: UnsafeRawBufferPointer, name: String) throws(ImageError) -> Self {
        guard let decoder = Self(bytes) else { throw .outOfMemory(path: name, bytes: 1 << 10) }
        return decoder
    }

    func header(name: String, fileSize: Int?) throws(ImageError) -> PictureHeader {
        var header = jacquard_picture_header()
        let status = readHeader(&header)
        let error = ImageError(status, path: name, library: Self.library, message: message, bytes: 1 << 16)
        return labeled(
            try PictureHeader(
                header, error: status == JACQUARD_CODEC_OK ? nil : error, path: name, fileSize: fileSize))
    }

    static func decode(
        _ bytes: UnsafeRawBufferPointer, name: String, atLeast size: (width: Int, height: Int)?, over ground: Color
    ) throws(ImageError) -> Picture {
        let decoder = try opened(bytes, name: name)
        let header = try decoder.header(name: name, fileSize: bytes.count)
        // As the rows are stored.
        let swaps = header.orientation.swapsSides
        var stored = swaps ? (header.height, header.width) : (header.width, header.height)
        if let size {
            let wanted = swaps ? (size.height, size.width) : (size.width, size.height)
            // The other eighths that libjpeg knows have no fast code: each takes longer than the next of these.
            let eighths = [1, 2, 4].first {
                scaled(stored.0, $0) >= wanted.0 && scaled(stored.1, $0) >= wanted.1
            }
            if let eighths, let reduced = decoder.setScale(eighths: eighths) { stored = reduced }
        }
        let count = stored.0 * stored.1 * header.channels
        try Memory.check(bytes: count, for: name)
        let values = header.channels == 1 ? [ground.luma] : [ground.red, ground.green, ground.blue]
        var status = JACQUARD_CODEC_OK
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let start = buffer.baseAddress { status = decoder.readPixels(start, over: values) }
            initialized = status == JACQUARD_CODEC_OK ? count : 0
        }
        guard status == JACQUARD_CODEC_OK else {
            throw ImageError(status, path: name, library: library, message: decoder.message, bytes: count)
        }
        return header.orientation.applied(
            to: Picture(width: stored.0, height: stored.1, channels: header.channels, pixels: pixels))
    }

    /// A side at some eighths of its size, as libjpeg rounds it.
    private static func scaled(_ side: Int, _ eighths: Int) -> Int { (side * eighths + 7) / 8 }
}

extension ImageError {
    /// The error that a status other than OK stands for.
    init(_ status: jacquard_codec_status, path: String, library: String, message: String, bytes: Int) {
        let reason = "\(library) says \"\(message)\""
        self =
            switch status {
            case JACQUARD_CODEC_TRUNCATED: .truncated(path: path, reason: "the data end before the picture does")
            case JACQUARD_CODEC_UNSUPPORTED: .unsupported(path: path, reason: reason)
            case JACQUARD_CODEC_OUT_OF_MEMORY: .outOfMemory(path: path, bytes: bytes)
            default: .damaged(path: path, reason: reason)
            }
    }
}

struct PNGDecoder: PictureDecoder, ~Copyable {
    static let library = "libpng"
    private let reader: OpaquePointer
    private let bytes: UnsafeRawBufferPointer

    init?(_ bytes: UnsafeRawBufferPointer) {
        let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard let reader = jacquard_png_reader_new(start, bytes.count) else { return nil }
        (self.reader, self.bytes) = (reader, bytes)
    }

    deinit { jacquard_png_reader_free(reader) }

    func readHeader(_ header: inout jacquard_picture_header) -> jacquard_codec_status {
        jacquard_png_read_header(reader, &header)
    }

    func setScale(eighths: Int) -> (width: Int, height: Int)? { nil }

    func labeled(_ header: PictureHeader) -> PictureHeader { header.labeled(PNGLabels(bytes)) }

    func readPixels(_ pixels: UnsafeMutablePointer<UInt8>, over ground: [UInt8]) -> jacquard_codec_status {
        jacquard_png_read_pixels(reader, ground, pixels)
    }

    var message: String { String(cString: jacquard_png_message(reader)) }
}

struct JPEGDecoder: PictureDecoder, ~Copyable {
    static let library = "libjpeg"
    private let reader: OpaquePointer

    init?(_ bytes: UnsafeRawBufferPointer) {
        let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard let reader = jacquard_jpeg_reader_new(start, bytes.count) else { return nil }
        self.reader = reader
    }

    deinit { jacquard_jpeg_reader_free(reader) }

    func readHeader(_ header: inout jacquard_picture_header) -> jacquard_codec_status {
        jacquard_jpeg_read_header(reader, &header)
    }

    func setScale(eighths: Int) -> (width: Int, height: Int)? {
        var (width, height): (UInt32, UInt32) = (0, 0)
        let status = jacquard_jpeg_set_scale(reader, UInt32(eighths), &width, &height)
        return status == JACQUARD_CODEC_OK ? (Int(width), Int(height)) : nil
    }

    /// libjpeg's header tells the orientation.
    func labeled(_ header: PictureHeader) -> PictureHeader { header }

    func readPixels(_ pixels: UnsafeMutablePointer<UInt8>, over ground: [UInt8]) -> jacquard_codec_status {
        jacquard_jpeg_read_pixels(reader, pixels)
    }

    var message: String { String(cString: jacquard_jpeg_message(reader)) }
}
