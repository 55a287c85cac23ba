import CZlib
import Digests
import Foundation
package import TensorCore

/// CRC-32 as zlib, gzip and Python's `zlib.crc32` compute it. It finds every error of one burst up to 32 bits, and all
/// but one of 4 billion others; about 1 GB a second.
enum Checksum {
    static func crc32(_ bytes: UnsafeRawBufferPointer) -> Int {
        Int(crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
    }

    static func crc32(_ data: Data) -> Int { data.withUnsafeBytes { crc32($0) } }

    static func crc32(_ text: String) -> Int {
        var text = text
        return text.withUTF8 { crc32(UnsafeRawBufferPointer($0)) }
    }

    /// The values that a checksum can have.
    static let range = 0...Int(UInt32.max)
}

/// The fingerprint of a model's weights: SHA-256 over the tensors in the order of their names' bytes, each as name,
/// zero byte, shape as JSON without spaces, zero byte, little-endian data. `Documentation/CheckpointStore.md` shows
/// how to find the same with SQL.
///
/// - Returns: 64 lower-case hexadecimal digits.
package func weightsSHA256(of parameters: NamedTensors) -> String {
    var hash = SHA256()
    for (name, tensor) in parameters.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
        hash.update(Array(name.utf8) + [0])
        hash.update(Array(TensorRows.text(of: tensor.shape).utf8) + [0])
        tensor.withUnsafePointer { hash.update(UnsafeRawBufferPointer(start: $0, count: tensor.count * 4)) }
    }
    return hash.finish()
}
