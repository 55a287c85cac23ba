package import TensorCore

/// A tensor on a tape. Arithmetic on variables is recorded, so that ``Tape/backward(from:)`` can return the
/// derivative of a scalar by any of them.
package struct Variable {
    package let value: Tensor
    package let tape: Tape
    /// Where the gradient of this variable is accumulated; nil for a constant.
    let slot: Int?

    package var shape: Shape { value.shape }
    package var needsGradient: Bool { slot != nil }

    /// The same value, cut off from what made it: no gradient flows back.
    package var detached: Variable { tape.constant(value) }
}
