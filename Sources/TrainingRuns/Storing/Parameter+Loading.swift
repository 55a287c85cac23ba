package import Autodiff
package import TensorCore

extension Parameter {
    /// Takes over a stored tensor.
    /// - Throws: ``RunError/damagedCheckpoint(_:)`` if it is missing or has another shape.
    package func load(from tensors: NamedTensors) throws(RunError) {
        guard let tensor = tensors[name] else { throw .damagedCheckpoint("no tensor \(name)") }
        guard tensor.shape == value.shape else {
            throw .damagedCheckpoint("tensor \(name) has shape \(tensor.shape), the model \(value.shape)")
        }
        value = tensor
    }
}
