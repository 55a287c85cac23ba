public import TensorCore

/// Repeats a tensor along dimensions that it lacks or that are 1 in it, aligned at the last one, as NumPy does:
/// [3, 1] and [4] both broadcast to [2, 3, 4]. The gradient is summed over the repetitions, outermost axis first.
package struct Broadcast: Operation {
    package let shape: Shape

    package init(to shape: Shape) { self.shape = shape }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Shape) {
        ([inputs[0].broadcast(to: shape, in: context.workspace)], inputs[0].shape)
    }

    package func backward(
        _ gradients: [Tensor?], saved source: Shape, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard var g = gradients[0] else { return [nil] }
        let aligned = source.aligned(to: shape)
        var removed = 0
        for axis in 0..<shape.rank where aligned[axis] == 1 && shape[axis] != 1 {
            g = context.sum(g, axis: axis - removed)
            removed += 1
        }
        return [g.reshaped(to: source)]
    }
}

extension Variable {
    /// Repeated to `shape` by NumPy's rule.
    public func broadcast(to shape: Shape) -> Variable {
        self.shape == shape ? self : tape(Broadcast(to: shape), self)
    }
}
