import CKernels
import Requirements
public import TensorCore

/// Sets each element to zero with probability `rate` and multiplies the others by `kept`
/// (Srivastava et al., 2014). No mask is stored: it is a pure function of the random stream and is drawn again.
public struct DropoutMask: Operation {
    public let rate: Float
    /// 1 / (1 - rate) for inverted dropout; 1 for the book's form, which scales at inference instead.
    public let kept: Float
    public let stream: RandomStream

    public init(rate: Float, kept: Float, stream: RandomStream) {
        require(rate >= 0 && rate < 1, "a dropout rate is in 0 ..< 1, not \(rate)")
        self.rate = rate
        self.kept = kept
        self.stream = stream
    }

    public func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Void) {
        ([masked(inputs[0], in: context)], ())
    }

    public func backward(_ gradients: [Tensor?], saved: Void, wanted: [Bool], in context: ComputeContext) -> [Tensor?] {
        [gradients[0].map { masked($0, in: context) }]
    }

    private func masked(_ x: Tensor, in context: ComputeContext) -> Tensor {
        var y = Tensor(uninitialized: x.shape, in: context.workspace)
        let target = y.mutablePointer, source = x.pointer, kernels = context.kernels
        let key = stream.key, rate = rate, kept = kept
        withExtendedLifetime(x) {
            context.forPieces(of: x.count) { start, count in
                kernels.dropout(key, UInt64(start), rate, kept, source + start, target + start, count)
            }
        }
        return y
    }
}
