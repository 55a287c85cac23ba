import Digests
import FileTrees
import TensorCore

/// What something computed comes down to: the first half of a SHA-256 over its bits, so that one bit makes another.
struct Fingerprint {
    private var hash = SHA256()

    mutating func add(_ bytes: [UInt8]) {
        add(bytes.count)
        hash.update(bytes)
    }

    mutating func add(_ number: Int) {
        withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).littleEndian) { hash.update($0) }
    }

    mutating func add(_ number: Double) {
        withUnsafeBytes(of: number.bitPattern.littleEndian) { hash.update($0) }
    }

    mutating func add(_ numbers: [Double]) {
        add(numbers.count)
        for number in numbers { add(number) }
    }

    mutating func add(_ tensor: Tensor) {
        for size in tensor.shape.dimensions { add(size) }
        tensor.withUnsafePointer { hash.update(UnsafeRawBufferPointer(start: $0, count: tensor.count * 4)) }
    }

    mutating func add(_ tensors: NamedTensors) {
        add(tensors.count)
        for (name, tensor) in tensors {
            add(Array(name.utf8))
            add(tensor)
        }
    }

    /// 16 hexadecimal digits.
    consuming func text() -> String { String(hash.finish().prefix(16)) }

    static func of(_ body: (inout Fingerprint) -> Void) -> String {
        var fingerprint = Fingerprint()
        body(&fingerprint)
        return fingerprint.text()
    }
}
