import Requirements
public import TensorCore

/// A tensor of a layer that is saved with the weights but not trained, such as the running mean of a normalization.
///
/// A forward pass in training mode *proposes* a new value; the training step that accepts its gradients commits it
/// (`Layer.commitBuffers()`). A step that is rejected, and every computation at inference, leaves the value alone.
public final class Buffer {
    /// PyTorch's state-dict name, e.g. `1.running_mean`; empty until a model has given it.
    public private(set) var name: String
    /// Whether a model has named it; it can be in one only.
    package private(set) var isInModel = false

    private var current: Tensor
    private var proposal: Tensor?
    /// The forward pass that the proposal comes from.
    private weak var proposer: Tape?

    /// With its first value; a model gives the name.
    public init(_ value: Tensor) {
        name = ""
        current = value
    }

    /// With a name and its first value.
    package init(_ name: String, _ value: Tensor) {
        self.name = name
        current = value
    }

    /// The committed numbers. Writing them drops what was proposed.
    /// - Precondition: what is written has the buffer's shape.
    public var value: Tensor {
        get { current }
        set {
            require(newValue.shape == current.shape, "buffer \(name) has shape \(current.shape), not \(newValue.shape)")
            current = newValue
            proposal = nil
        }
    }

    /// Proposes what follows from the value, or from what this tape has proposed before.
    public func propose(on tape: Tape, _ next: (Tensor) -> Tensor) {
        let base = proposer === tape ? proposal ?? current : current
        let following = next(base)
        require(
            following.shape == current.shape, "buffer \(name) has shape \(current.shape), not \(following.shape)")
        proposal = following
        proposer = tape
    }

    /// Makes the last proposal the value.
    public func commit() {
        if let proposal { current = proposal }
        proposal = nil
    }

    /// - Precondition: it is in no model yet.
    package func enterModel(as name: String) {
        require(!isInModel, "the buffer \(name) is in a model already, as \(self.name): make another layer")
        self.name = name
        isInModel = true
    }
}
