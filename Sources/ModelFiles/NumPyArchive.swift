import ByteStreams
import CZlib
import Foundation
package import TensorCore

/// Tensors by name in one file as `numpy.savez` writes it: a ZIP archive (PKWARE's APPNOTE 6.3) whose members, not
/// compressed, are arrays in NumPy's own format (NEP 1). `numpy.load("model.npz")` reads it, and runs no code.
package struct NumPyArchive {
    package let tensors: NamedTensors

    package init(_ tensors: NamedTensors) { self.tensors = tensors }

    /// The file, in one piece. Equal tensors give equal bytes: the time of every member is the first that ZIP knows.
    /// - Throws: ``ModelFileError/tooLarge(format:)`` where it would need ZIP's larger form;
    ///   ``ModelFileError/invalidName(_:)`` for a name longer than ZIP has room for.
    package func encoded() throws(ModelFileError) -> [UInt8] {
        var bytes: [UInt8] = [], directory: [UInt8] = []
        for (name, tensor) in tensors {
            let file = Array("\(name).npy".utf8), content = Self.array(tensor), offset = bytes.count
            guard file.count <= UInt16.max else { throw .invalidName(name) }
            guard content.count <= Int32.max, offset <= Int32.max else { throw .tooLarge(format: "NumPy") }
            let checksum = content.withUnsafeBytes { buffer in
                UInt32(crc32_z(0, buffer.bindMemory(to: UInt8.self).baseAddress, buffer.count))
            }
            let common =
                Self.little(UInt16(20)) + Self.little(UInt16(1 << 11)) + Self.little(UInt16(0)) + Self.little(UInt16(0))
                + Self.little(UInt16(0x21)) + Self.little(checksum) + Self.little(UInt32(content.count))
                + Self.little(UInt32(content.count)) + Self.little(UInt16(file.count)) + Self.little(UInt16(0))
            bytes += Self.little(UInt32(0x0403_4B50)) + common + file + content
            directory +=
                Self.little(UInt32(0x0201_4B50)) + Self.little(UInt16(20)) + common + Self.little(UInt16(0))
                + Self.little(UInt16(0)) + Self.little(UInt16(0)) + Self.little(UInt32(0)) + Self.little(UInt32(offset))
                + file
        }
        let count = UInt16(tensors.count), start = bytes.count
        bytes +=
            directory + Self.little(UInt32(0x0605_4B50)) + Self.little(UInt16(0)) + Self.little(UInt16(0))
            + Self.little(count) + Self.little(count) + Self.little(UInt32(directory.count))
            + Self.little(UInt32(start))
            + Self.little(UInt16(0))
        return bytes
    }

    /// Writes the file such that its path leads to all of it or to what was there before.
    package func write(to path: String) throws(ModelFileError) {
        let bytes = try encoded()
        try bytes.withUnsafeBufferPointer { (bytes) throws(ModelFileError) in
            try OutputFile<ModelFileError>.replace(path, with: UnsafeRawBufferPointer(bytes))
        }
    }

    /// An array of single-precision numbers in format 1.0, whose data begin at a multiple of 64 bytes.
    private static func array(_ tensor: Tensor) -> [UInt8] {
        let sizes = tensor.shape.dimensions.map { "\($0)," }.joined(separator: " ")
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(sizes)), }"
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0] + little(UInt16(header.utf8.count)) + Array(header.utf8)
            + tensor.littleEndianBytes
    }

    private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian, Array.init)
    }
}
