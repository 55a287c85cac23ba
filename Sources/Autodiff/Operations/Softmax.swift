import CKernels
package import TensorCore

/// exp(x) / sum of exp(x) over the last axis, the maximum subtracted first: [..., C] to [..., C].
/// For a loss use ``SoftmaxCrossEntropy``, which never forms a logarithm of a small probability.
package struct Softmax: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        let x = inputs[0], columns = x.shape.columns, kernels = context.kernels
        var y = Tensor(uninitialized: x.shape, in: context.workspace)
        let target = y.mutablePointer
        x.withUnsafePointer { source in
            context.parallel(over: x.shape.rows, work: x.count) { range in
                let first = range.lowerBound * columns
                kernels.softmax(source + first, range.count, columns, target + first)
            }
        }
        return ([y], y)
    }

    /// dx = y (dy - sum of y dy over the row).
    package func backward(_ gradients: [Tensor?], saved y: Tensor, wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        guard let g = gradients[0] else { return [nil] }
        let columns = y.shape.columns
        let sums = context.sum(context.map(y, g, context.kernels.multiply), axis: -1)
        var dx = Tensor(uninitialized: y.shape, in: context.workspace)
        let target = dx.mutablePointer, rows = y.shape.rows
        withExtendedLifetime((y, g, sums)) {
            let probability = y.pointer, gradient = g.pointer, sum = sums.pointer
            context.parallel(over: rows, work: y.count) { range in
                for row in range {
                    for i in row * columns..<(row + 1) * columns {
                        target[i] = probability[i] * (gradient[i] - sum[row])
                    }
                }
            }
        }
        return [dx]
    }
}

extension Variable {
    /// Softmax over the last axis.
    public func softmax() -> Variable { tape(Softmax(), self) }
}
