import Requirements
package import TensorCore

/// The sum of all elements: a scalar.
package struct Sum: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Shape) {
        ([Tensor(context.sum(inputs[0]))], inputs[0].shape)
    }

    package func backward(
        _ gradients: [Tensor?], saved shape: Shape, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        [gradients[0].map { Tensor(repeating: $0.scalar, shape: shape, in: context.workspace) }]
    }
}

/// Sums along one axis, which disappears: [outer..., axis, inner...] to [outer..., inner...].
package struct AxisSum: Operation {
    package let axis: Int

    /// - Parameter axis: negative counts from the last.
    package init(axis: Int) { self.axis = axis }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Shape) {
        ([context.sum(inputs[0], axis: axis)], inputs[0].shape)
    }

    package func backward(
        _ gradients: [Tensor?], saved shape: Shape, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let g = gradients[0] else { return [nil] }
        var kept = shape.dimensions
        kept[axis < 0 ? axis + kept.count : axis] = 1
        return Broadcast(to: shape).forward([g.reshaped(to: Shape(kept))], in: context).outputs
    }
}

extension Variable {
    /// The sum of all elements, a scalar.
    public func sum() -> Variable { tape(Sum(), self) }
    /// Sums along an axis, which disappears; negative counts from the last.
    public func sum(axis: Int) -> Variable { tape(AxisSum(axis: axis), self) }
    /// Sums of the columns when leading dimensions are folded into rows: [..., C] to [C].
    public func columnSums() -> Variable { reshaped(to: [shape.rows, shape.columns]).sum(axis: 0) }

    /// The mean of all elements, a scalar.
    public func mean() -> Variable {
        require(value.count > 0, "the mean of no elements, shape \(shape)")
        return sum() * (1 / Float(value.count))
    }

    /// Means along an axis, which disappears.
    public func mean(axis: Int) -> Variable {
        require(shape[axis] > 0, "the mean of no elements, axis \(axis) of shape \(shape)")
        return sum(axis: axis) * (1 / Float(shape[axis]))
    }
}
