import Requirements
public import TensorCore

/// Repeats a tensor along dimensions that it lacks or that are 1 in it, aligned at the last one, as NumPy does:
/// [3, 1] and [4] both broadcast to [2, 3, 4]. The gradient is summed over the repetitions, outermost axis first.
package struct Broadcast: Operation {
    package let shape: Shape

    package init(to shape: Shape) { self.shape = shape }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Shape) {
        let x = inputs[0], aligned = Self.aligned(x.shape, to: shape)
        guard x.shape != shape else { return ([x], x.shape) }
        let rank = shape.rank, columns = shape.columns, dimensions = shape.dimensions
        var result = Tensor(uninitialized: shape, in: context.workspace)
        guard result.count > 0 else { return ([result], x.shape) }
        // Elements that one step along an axis moves the source: 0 where it is repeated.
        var strides = [Int](repeating: 0, count: rank), step = 1
        for axis in (0..<rank).reversed() {
            strides[axis] = aligned[axis] == 1 ? 0 : step
            step *= aligned[axis]
        }
        let target = result.mutablePointer
        x.withUnsafePointer { source in
            var index = [Int](repeating: 0, count: rank), offset = 0
            for row in 0..<shape.rows {
                if rank > 0, strides[rank - 1] == 1 {
                    (target + row * columns).update(from: source + offset, count: columns)
                } else {
                    (target + row * columns).update(repeating: source[offset], count: columns)
                }
                var axis = rank - 2
                while axis >= 0 {
                    index[axis] += 1
                    offset += strides[axis]
                    if index[axis] < dimensions[axis] { break }
                    offset -= strides[axis] * dimensions[axis]
                    index[axis] = 0
                    axis -= 1
                }
            }
        }
        return ([result], x.shape)
    }

    package func backward(
        _ gradients: [Tensor?], saved source: Shape, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard var g = gradients[0] else { return [nil] }
        let aligned = Self.aligned(source, to: shape)
        var removed = 0
        for axis in 0..<shape.rank where aligned[axis] == 1 && shape[axis] != 1 {
            g = context.sum(g, axis: axis - removed)
            removed += 1
        }
        return [g.reshaped(to: source)]
    }

    private static func aligned(_ source: Shape, to shape: Shape) -> [Int] {
        let aligned = [Int](repeating: 1, count: max(0, shape.rank - source.rank)) + source.dimensions
        require(
            source.rank <= shape.rank && zip(aligned, shape.dimensions).allSatisfy { $0 == $1 || $0 == 1 },
            "shape \(source) does not broadcast to \(shape)")
        return aligned
    }
}

extension Variable {
    /// Repeated to `shape` by NumPy's rule.
    public func broadcast(to shape: Shape) -> Variable {
        self.shape == shape ? self : tape(Broadcast(to: shape), self)
    }
}
