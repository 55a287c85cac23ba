import CKernels
import Kernels
import Requirements

extension ComputeContext {
    private static let chunk = 4096

    /// The sum of all elements: chunks of 4096 in 16 lanes and a fixed tree, their sums added in Double in order.
    /// The bits do not depend on the number of threads.
    package func sum(_ x: Tensor) -> Float {
        let chunks = (x.count + Self.chunk - 1) / Self.chunk, kernels = kernels, total = x.count, source = x.pointer
        var partial = Tensor(uninitialized: [chunks], in: workspace)
        let sums = partial.mutablePointer
        return withExtendedLifetime(x) {
            parallel(over: chunks, work: total) { range in
                for index in range {
                    let start = index * Self.chunk
                    sums[index] = kernels.sum(source + start, min(Self.chunk, total - start))
                }
            }
            var result = 0.0
            for index in 0..<chunks { result += Double(sums[index]) }
            return withExtendedLifetime(partial) { Float(result) }
        }
    }

    /// The sums along one axis, which disappears: shape [outer..., axis, inner...] to [outer..., inner...].
    /// Along the last axis 16 lanes and a fixed tree; along any other one addition after the other, first to last.
    package func sum(_ x: Tensor, axis: Int) -> Tensor {
        let dimensions = x.shape.dimensions, axis = axis < 0 ? axis + dimensions.count : axis
        require(dimensions.indices.contains(axis), "no axis \(axis) in shape \(x.shape)")
        let outer = dimensions[..<axis].reduce(1, *), length = dimensions[axis]
        let inner = dimensions[(axis + 1)...].reduce(1, *), kernels = kernels
        var result = Tensor(zeros: Shape(Array(dimensions[..<axis] + dimensions[(axis + 1)...])), in: workspace)
        guard x.count > 0 else { return result }
        let target = result.mutablePointer, source = x.pointer
        withExtendedLifetime(x) {
            if inner == 1 {
                parallel(over: outer, work: x.count) { range in
                    for row in range { target[row] = kernels.sum(source + row * length, length) }
                }
            } else if outer == 1 {
                parallel(over: (inner + 15) / 16, work: x.count) { range in
                    guard !range.isEmpty else { return }
                    let first = range.lowerBound * 16, width = min(inner, range.upperBound * 16) - first
                    kernels.column_sums(source + first, length, width, inner, target + first)
                }
            } else {
                parallel(over: outer, work: x.count) { range in
                    for block in range {
                        kernels.column_sums(
                            source + block * length * inner, length, inner, inner, target + block * inner)
                    }
                }
            }
        }
        return result
    }

    /// The sums of the columns when leading dimensions are folded into rows: [..., C] to [C].
    package func columnSums(_ x: Tensor) -> Tensor { sum(x.reshaped(to: [x.shape.rows, x.shape.columns]), axis: 0) }
}
