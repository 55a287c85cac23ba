import CZlib
import Foundation

/// CRC-32 as zlib, gzip and Python's `zlib.crc32` compute it. It finds every error of one burst up to 32 bits, and all
/// but one of 4 billion others; about 1 GB a second.
enum Checksum {
    static func crc32(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let start = bytes.baseAddress else { return 0 }
        return Int(crc32_z(0, start.assumingMemoryBound(to: UInt8.self), bytes.count))
    }

    static func crc32(_ data: Data) -> Int { data.withUnsafeBytes { crc32($0) } }

    static func crc32(_ text: String) -> Int {
        var text = text
        return text.withUTF8 { crc32(UnsafeRawBufferPointer($0)) }
    }

    /// What the columns of checksums can hold.
    static let range = 0...Int(UInt32.max)
}
