import Digests
package import TensorCore

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
