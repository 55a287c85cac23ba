public import TensorCore

/// A tensor on a tape. Arithmetic on variables is recorded, so that ``Tape/backward(from:)`` can return the
/// derivative of a scalar by any of them.
public struct Variable {
    public let value: Tensor
    public let tape: Tape
    /// Where the gradient of this variable is accumulated; nil for a constant.
    let slot: Int?

    public var shape: Shape { value.shape }
    public var needsGradient: Bool { slot != nil }

    /// The same value, cut off from what made it: no gradient flows back.
    public var detached: Variable { tape.constant(value) }
}
