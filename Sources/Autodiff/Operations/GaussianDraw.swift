import CKernels
import Requirements
public import TensorCore

/// z = mean + exp(log variance / 2) ε, ε standard normal: a draw that gradients pass through (Kingma & Welling, 2014,
/// section 2.4). Inputs mean and log variance of one shape, the draw has it too. The noise is not stored: it is a pure
/// function of the random stream, element i takes draw i, and is drawn again.
package struct GaussianDraw: Operation {
    package let stream: RandomStream

    package init(stream: RandomStream) { self.stream = stream }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        require(
            inputs[0].shape == inputs[1].shape,
            "means of shape \(inputs[0].shape) and log variances of \(inputs[1].shape)")
        return ([context.map(inputs[0], noise(inputs[1], in: context), context.kernels.add)], inputs[1])
    }

    /// dmean = dz, dlog variance = exp(log variance / 2) ε dz / 2.
    package func backward(
        _ gradients: [Tensor?], saved logVariance: Tensor, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let g = gradients[0] else { return [nil, nil] }
        guard wanted[1] else { return [g, nil] }
        let half = context.affine(g, scale: 0.5)
        return [g, context.map(half, noise(logVariance, in: context), context.kernels.multiply)]
    }

    /// exp(log variance / 2) ε.
    private func noise(_ logVariance: Tensor, in context: ComputeContext) -> Tensor {
        var scaled = Tensor(uninitialized: logVariance.shape, in: context.workspace)
        let p = scaled.mutablePointer, key = stream.key, kernels = context.kernels
        context.forElements(of: scaled.count) { start, count in
            kernels.normal(key, UInt64(start), p + start, count)
        }
        let deviation = context.map(context.affine(logVariance, scale: 0.5), kernels.exp)
        return context.map(deviation, scaled, kernels.multiply)
    }
}

extension Variable {
    /// A draw from the Gaussians with these means.
    public func gaussianDraw(logVariance: Variable, from stream: RandomStream) -> Variable {
        tape(GaussianDraw(stream: stream), self, logVariance)
    }
}
