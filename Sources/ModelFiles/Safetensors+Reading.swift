import ByteStreams
import FileTrees
import Foundation
import TensorCore

extension Safetensors {
    /// Reads a file, strictly: a header of at most 100 MB that holds no name twice, and tensors that follow each other
    /// without gaps or overlaps to the end of the file. Nothing is allocated before the file is known to be as long as its
    /// header says. Half, brain-float and double precision become single precision.
    /// - Parameter isSkipped: whether the tensor of a name is left out, whatever its numbers are.
    /// - Throws: ``ModelFileError``
    package init(path: String, skipping isSkipped: (String) -> Bool = { _ in false }) throws(ModelFileError) {
        let file = try InputFile<ModelFileError>(RawPath(path))
        func damaged(_ reason: String) -> ModelFileError { .damaged(path: path, reason: reason) }
        guard let size = file.size else { throw .unreadable(path: path, reason: "it is no regular file") }
        let lengthBytes = try file.bytes(0..<8)
        guard lengthBytes.count == 8 else { throw damaged("it ends in its first eight bytes") }
        let length = lengthBytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(Self.longestHeader) else { throw damaged("its header has \(length) bytes") }
        guard Int(length) <= size - 8 else { throw damaged("it ends inside its header") }
        let header: SafetensorsHeader
        do {
            header = try SafetensorsHeader(file.bytes(8..<8 + Int(length)), dataBytes: size - 8 - Int(length))
        } catch let error as SafetensorsHeader.Fault {
            throw damaged(error.reason)
        } catch let error as ModelFileError {
            throw error
        } catch {
            throw damaged("\(error)")
        }
        var tensors = NamedTensors()
        for entry in header.entries where !isSkipped(entry.name) {
            guard let type = NumberType(rawValue: entry.type) else {
                throw .unsupportedType(path: path, tensor: entry.name, type: entry.type)
            }
            guard entry.range.count == entry.shape.count * type.bytes else {
                throw damaged(
                    "\(entry.name) of shape \(entry.shape) in \(type.rawValue) takes \(entry.range.count) bytes")
            }
            let start = 8 + Int(length) + entry.range.lowerBound
            let bytes = try file.bytes(start..<start + entry.range.count)
            guard bytes.count == entry.range.count else { throw damaged("it was cut short while it was read") }
            tensors[entry.name] = type.tensor(bytes, shape: entry.shape)
        }
        self.init(tensors, metadata: header.metadata)
    }

    /// The types of numbers that are read.
    private enum NumberType: String {
        case single = "F32"
        case half = "F16"
        case brainFloat = "BF16"
        case double = "F64"

        var bytes: Int {
            switch self {
            case .single: 4
            case .half, .brainFloat: 2
            case .double: 8
            }
        }

        func tensor(_ bytes: [UInt8], shape: Shape) -> Tensor {
            let values: [Float] = bytes.withUnsafeBytes { raw in
                (0..<shape.count).map { index in
                    switch self {
                    case .single:
                        Float(
                            bitPattern: UInt32(
                                littleEndian: raw.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
                    case .half:
                        Self.single(
                            fromHalf: UInt16(
                                littleEndian: raw.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)))
                    case .brainFloat:
                        Float(
                            bitPattern: UInt32(
                                UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)))
                                << 16)
                    case .double:
                        Float(
                            Double(
                                bitPattern: UInt64(
                                    littleEndian: raw.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))))
                    }
                }
            }
            return Tensor(values, shape: shape)
        }

        /// IEEE 754 binary16 to binary32; `Float16` is not there on every platform.
        private static func single(fromHalf bits: UInt16) -> Float {
            let sign = UInt32(bits & 0x8000) << 16, exponent = UInt32(bits >> 10 & 0x1F),
                fraction = UInt32(bits & 0x3FF)
            switch exponent {
            case 0:
                // Below the least normal number: a multiple of 2^-24.
                let magnitude = Float(fraction) * Float(sign: .plus, exponent: -24, significand: 1)
                return sign == 0 ? magnitude : -magnitude
            case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
            default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
            }
        }
    }
}
