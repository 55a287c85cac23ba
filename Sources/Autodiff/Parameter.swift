public import TensorCore

/// A trainable tensor with a name. Its version counts the writes, so that whatever is derived from the value
/// (packed panels, transposes) knows when to be made again.
public final class Parameter {
    /// PyTorch's state-dict name, e.g. `rnn.weight_ih_l0`.
    public let name: String
    public private(set) var version = 0
    public var value: Tensor {
        didSet {
            precondition(value.shape == shape, "parameter \(name) has shape \(shape), not \(value.shape)")
            version += 1
        }
    }
    private let shape: Shape

    public init(_ name: String, _ value: Tensor) {
        self.name = name
        self.value = value
        shape = value.shape
    }
}
