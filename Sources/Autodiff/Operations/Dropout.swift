import CKernels
import Requirements
package import TensorCore

/// Sets each element to zero with probability `rate` and multiplies the others by `kept`
/// (Srivastava et al., 2014). No mask is stored: it is a pure function of the random stream and is drawn again.
package struct DropoutMask: Operation {
    package let rate: Float
    /// 1 / (1 - rate) for inverted dropout; 1 for the book's form, which scales at inference instead.
    package let kept: Float
    package let stream: RandomStream

    package init(rate: Float, kept: Float, stream: RandomStream) {
        require(rate >= 0 && rate < 1, "a dropout rate is in 0 ..< 1, not \(rate)")
        self.rate = rate
        self.kept = kept
        self.stream = stream
    }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Void) {
        ([masked(inputs[0], in: context)], ())
    }

    package func backward(_ gradients: [Tensor?], saved: Void, wanted: [Bool], in context: ComputeContext) -> [Tensor?]
    {
        [gradients[0].map { masked($0, in: context) }]
    }

    private func masked(_ x: Tensor, in context: ComputeContext) -> Tensor {
        var y = Tensor(uninitialized: x.shape, in: context.workspace)
        let target = y.mutablePointer, source = x.pointer, kernels = context.kernels
        let key = stream.key, rate = rate, kept = kept
        withExtendedLifetime(x) {
            context.forElements(of: x.count) { start, count in
                kernels.dropout(key, UInt64(start), rate, kept, source + start, target + start, count)
            }
        }
        return y
    }
}
