import Requirements
package import TensorCore

/// Rows `range` along the first axis: [A, ...] to [range.count, ...]. The gradient is zero elsewhere.
package struct RowSlice: Operation {
    package let range: Range<Int>

    package init(_ range: Range<Int>) { self.range = range }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Shape) {
        let x = inputs[0], size = Self.partSize(x.shape)
        require(
            range.lowerBound >= 0 && range.upperBound <= x.shape[0], "rows \(range) of a tensor of shape \(x.shape)")
        var y = Tensor(
            uninitialized: Shape([range.count] + x.shape.dimensions.dropFirst()), in: context.workspace)
        let target = y.mutablePointer
        x.withUnsafePointer { target.update(from: $0 + range.lowerBound * size, count: range.count * size) }
        return ([y], x.shape)
    }

    package func backward(
        _ gradients: [Tensor?], saved shape: Shape, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let g = gradients[0] else { return [nil] }
        var dx = Tensor(zeros: shape, in: context.workspace)
        let target = dx.mutablePointer + range.lowerBound * Self.partSize(shape)
        g.withUnsafePointer { target.update(from: $0, count: g.count) }
        return [dx]
    }

    /// Elements of one part along the first axis.
    static func partSize(_ shape: Shape) -> Int {
        require(shape.rank > 0, "a scalar has no rows")
        return shape.dimensions.dropFirst().reduce(1, *)
    }
}

/// All parts along the first axis, an output each: [A, ...] to A times [...]. One operation for all of them, so that
/// the gradient is put together once.
package struct Unstack: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Shape) {
        let x = inputs[0], size = RowSlice.partSize(x.shape), part = Shape(Array(x.shape.dimensions.dropFirst()))
        let outputs = (0..<x.shape[0]).map { index in
            var y = Tensor(uninitialized: part, in: context.workspace)
            let target = y.mutablePointer
            x.withUnsafePointer { target.update(from: $0 + index * size, count: size) }
            return y
        }
        return (outputs, x.shape)
    }

    package func backward(
        _ gradients: [Tensor?], saved shape: Shape, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        var dx = Tensor(uninitialized: shape, in: context.workspace)
        let target = dx.mutablePointer, size = RowSlice.partSize(shape)
        for (index, gradient) in gradients.enumerated() {
            if let gradient {
                gradient.withUnsafePointer { (target + index * size).update(from: $0, count: size) }
            } else {
                (target + index * size).update(repeating: 0, count: size)
            }
        }
        return [dx]
    }
}

extension Variable {
    /// Rows `range` along the first axis.
    public func rows(_ range: Range<Int>) -> Variable { tape(RowSlice(range), self) }
    /// Part `index` along the first axis, which disappears.
    public func row(_ index: Int) -> Variable {
        rows(index..<index + 1).reshaped(to: Shape(Array(shape.dimensions.dropFirst())))
    }
    /// The parts along the first axis, which disappears.
    public func unstacked() -> [Variable] { tape.apply(Unstack(), to: [self]) }
}
