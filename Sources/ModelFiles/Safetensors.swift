import ByteStreams
import FileTrees
import Foundation
package import TensorCore

/// Tensors by name in one file, as Hugging Face's safetensors format has it (version 0.4): what PyTorch, JAX and many others
/// read without running any code.
///
/// Eight bytes with the length of the header, a header in JSON, and the numbers, without gaps. This type writes single
/// precision, the numbers of each tensor row-major and little-endian, beginning at a multiple of eight bytes.
package struct Safetensors: Sendable, Equatable {
    package var tensors: NamedTensors
    /// Texts by name.
    package var metadata: [String: String]

    package init(_ tensors: NamedTensors, metadata: [String: String] = [:]) {
        (self.tensors, self.metadata) = (tensors, metadata)
    }

    /// Where a header would be too long to be believed: the limit of the reference implementation.
    static let longestHeader = 100_000_000
    static let metadataKey = "__metadata__"

    /// The file, in one piece. Equal tensors and metadata give equal bytes.
    /// - Throws: ``ModelFileError/invalidName(_:)`` for a tensor called `__metadata__`.
    package func encoded() throws(ModelFileError) -> [UInt8] {
        var entries: [String] = [], offset = 0
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }
            entries.append("\"\(Self.metadataKey)\":{\(pairs.joined(separator: ","))}")
        }
        for (name, tensor) in tensors {
            guard name != Self.metadataKey else { throw .invalidName(name) }
            let end = offset + 4 * tensor.count
            let shape = tensor.shape.dimensions.map(String.init).joined(separator: ",")
            entries.append(
                "\(Self.quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var header = Array("{\(entries.joined(separator: ","))}".utf8)
        header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + header.count + offset)
        bytes += withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init)
        bytes += header
        for (_, tensor) in tensors { bytes += tensor.littleEndianBytes }
        return bytes
    }

    /// Writes the file such that its path leads to all of it or to what was there before.
    package func write(to path: String) throws(ModelFileError) {
        let bytes = try encoded()
        try bytes.withUnsafeBufferPointer { (bytes) throws(ModelFileError) in
            try OutputFile<ModelFileError>.replace(path, with: UnsafeRawBufferPointer(bytes))
        }
    }

    /// A text as JSON has it.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension Tensor {
    /// Its numbers in memory order, four bytes each.
    var littleEndianBytes: [UInt8] {
        // Every platform that Swift runs on today is little-endian.
        withUnsafePointer { Array(UnsafeRawBufferPointer(start: $0, count: 4 * count)) }
    }
}
