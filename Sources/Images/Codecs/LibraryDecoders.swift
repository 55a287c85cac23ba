import CCodecs

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

    func labelled(_ header: PictureHeader) -> PictureHeader { header.labelled(PNGLabels(bytes)) }

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
    func labelled(_ header: PictureHeader) -> PictureHeader { header }

    func readPixels(_ pixels: UnsafeMutablePointer<UInt8>, over ground: [UInt8]) -> jacquard_codec_status {
        jacquard_jpeg_read_pixels(reader, pixels)
    }

    var message: String { String(cString: jacquard_jpeg_message(reader)) }
}
