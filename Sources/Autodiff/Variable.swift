public import TensorCore

/// A tensor on a tape. Arithmetic on variables is recorded, so that `backward(from:)` of its ``Tape`` can return the
/// derivative of a scalar by any of them.
public struct Variable {
    /// The numbers.
    public let value: Tensor
    /// What records the operations on it.
    public let tape: Tape
    /// Where the gradient of this variable is accumulated; nil for a constant.
    let slot: Int?

    /// That of the value.
    public var shape: Shape { value.shape }
    /// Whether it depends on a leaf of a recording tape.
    public var needsGradient: Bool { slot != nil }

    /// The same value, cut off from what made it: no gradient flows back.
    public var detached: Variable { tape.constant(value) }
}
