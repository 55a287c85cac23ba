public import TensorCore

/// The same elements in another shape. Costs nothing: the buffer is shared.
package struct Reshape: Operation {
    package let shape: Shape

    package init(to shape: Shape) { self.shape = shape }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Shape) {
        ([inputs[0].reshaped(to: shape)], inputs[0].shape)
    }

    package func backward(
        _ gradients: [Tensor?], saved shape: Shape, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        [gradients[0]?.reshaped(to: shape)]
    }
}

extension Variable {
    /// The same elements in another shape; no copy.
    public func reshaped(to shape: Shape) -> Variable { self.shape == shape ? self : tape(Reshape(to: shape), self) }
}
