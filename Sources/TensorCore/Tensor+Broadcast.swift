import Requirements

extension Tensor {
    /// Repeated along dimensions that it lacks or that are 1 in it, aligned at the last one, as NumPy does: a row [3] fills
    /// each row of [2, 3], and [3, 1] and [4] both become [2, 3, 4]. Cost: a copy.
    ///
    /// Arithmetic never does this by itself.
    public func broadcast(to shape: Shape) -> Tensor { broadcast(to: shape, in: nil) }

    /// The same into a buffer of a workspace.
    package func broadcast(to shape: Shape, in workspace: Workspace?) -> Tensor {
        let aligned = self.shape.aligned(to: shape)
        guard self.shape != shape else { return self }
        let rank = shape.rank, columns = shape.columns, dimensions = shape.dimensions
        var result = Tensor(uninitialized: shape, in: workspace)
        guard result.count > 0 else { return result }
        // Elements that one step along an axis moves the source: 0 where it is repeated.
        var strides = [Int](repeating: 0, count: rank), step = 1
        for axis in (0..<rank).reversed() {
            strides[axis] = aligned[axis] == 1 ? 0 : step
            step *= aligned[axis]
        }
        let target = result.mutablePointer
        withUnsafePointer { source in
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
        return result
    }
}

extension Shape {
    /// As many dimensions as another shape, with ones in front.
    /// - Precondition: it broadcasts to that shape.
    package func aligned(to shape: Shape) -> [Int] {
        let aligned = [Int](repeating: 1, count: max(0, shape.rank - rank)) + dimensions
        require(
            rank <= shape.rank && zip(aligned, shape.dimensions).allSatisfy { $0 == $1 || $0 == 1 },
            "shape \(self) does not broadcast to \(shape)")
        return aligned
    }
}
