import CKernels
import Requirements
package import TensorCore

/// The last two axes exchanged: [..., R, C] to [..., C, R].
package struct Transpose: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Void) {
        ([transposed(inputs[0], in: context)], ())
    }

    package func backward(_ gradients: [Tensor?], saved: Void, wanted: [Bool], in context: ComputeContext) -> [Tensor?]
    {
        [gradients[0].map { transposed($0, in: context) }]
    }

    private func transposed(_ x: Tensor, in context: ComputeContext) -> Tensor {
        require(x.shape.rank >= 2, "only a tensor of two or more axes can be transposed, not \(x.shape)")
        let rows = x.shape[-2], columns = x.shape[-1], kernels = context.kernels
        let leading = x.shape.dimensions.dropLast(2)
        var y = Tensor(uninitialized: Shape(leading + [columns, rows]), in: context.workspace)
        let source = x.pointer, target = y.mutablePointer
        withExtendedLifetime(x) {
            context.parallel(over: leading.reduce(1, *), work: x.count) { range in
                for matrix in range {
                    let at = matrix * rows * columns
                    kernels.transpose(source + at, columns, rows, columns, target + at, rows)
                }
            }
        }
        return y
    }
}

extension Variable {
    /// The last two axes exchanged.
    public func transposed() -> Variable { tape(Transpose(), self) }
}
