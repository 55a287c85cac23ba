import Requirements
package import TensorCore

/// A trainable tensor with a name. Its version counts the writes, so that whatever is derived from the value
/// (packed panels, transposes) knows when to be made again.
package final class Parameter {
    /// PyTorch's state-dict name, e.g. `rnn.weight_ih_l0`.
    package let name: String
    package private(set) var version = 0
    package var value: Tensor {
        get { current }
        // In place: an observer would do with a copy, made and written back, when the writer is another module.
        _modify {
            defer {
                require(current.shape == shape, "parameter \(name) has shape \(shape), not \(current.shape)")
                version += 1
            }
            yield &current
        }
    }
    private var current: Tensor
    private let shape: Shape

    package init(_ name: String, _ value: Tensor) {
        self.name = name
        current = value
        shape = value.shape
    }
}
