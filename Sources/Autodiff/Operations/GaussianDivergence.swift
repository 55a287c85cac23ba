import CKernels
import Requirements
package import TensorCore

/// The Kullback-Leibler divergence in nats of diagonal Gaussians from the unit Gaussian (Kingma & Welling, 2014,
/// appendix B): inputs mean [N, K] and log variance [N, K] of N images' codes, one scalar out,
///
///     sum over k of max(freeNats, mean over images of KL_k),  KL_k = (mean² + exp(log variance) - 1 - log variance) / 2:
///
/// summed over the dimensions of the code, averaged over images. A dimension whose mean is below `freeNats` costs that
/// much and gets no gradient (free bits: Kingma et al., 2016, equation 15). Sums run in Double over the images in order.
package struct GaussianDivergence: Operation {
    package let freeNats: Float

    /// - Parameter freeNats: λ, nats for each dimension of the code that cost nothing more.
    package init(freeNats: Float = 0) {
        require(freeNats >= 0, "\(freeNats) free nats")
        self.freeNats = freeNats
    }

    package struct Saved {
        let mean, variance: Tensor
        /// For each dimension whether the divergence is above the free nats.
        let charged: [Bool]
    }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Saved) {
        let variance = context.map(inputs[1], context.kernels.exp)
        let divergences = Self.divergences(inputs[0], inputs[1], variance: variance).perDimension
        let free = Double(freeNats)
        // Not `max`, which gives the free nats for what is no number.
        let total = divergences.reduce(0.0) { $0 + ($1 <= free ? free : $1) }
        let charged = divergences.map { !($0 <= free) }
        return ([Tensor(Float(total))], Saved(mean: inputs[0], variance: variance, charged: charged))
    }

    /// dmean = mean / N, dlog variance = (exp(log variance) - 1) / 2N, where the dimension is charged.
    package func backward(
        _ gradients: [Tensor?], saved: Saved, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let scale = gradients[0]?.scalar else { return [nil, nil] }
        let shape = saved.mean.shape, share = scale / Float(max(1, shape.rows))
        func gradient(_ x: Tensor, scale: Float, shift: Float) -> Tensor {
            var d = context.affine(x, scale: scale, shift: shift)
            let p = d.mutablePointer
            for k in 0..<shape.columns where !saved.charged[k] {
                for row in 0..<shape.rows { p[row * shape.columns + k] = 0 }
            }
            return d
        }
        return [
            wanted[0] ? gradient(saved.mean, scale: share, shift: 0) : nil,
            wanted[1] ? gradient(saved.variance, scale: share / 2, shift: -share / 2) : nil,
        ]
    }

    /// Nats for each dimension of the code, averaged over the images, and for each image, summed over the dimensions:
    /// for reports. No free nats.
    package static func divergences(
        mean: Tensor, logVariance: Tensor, in context: ComputeContext
    ) -> (perDimension: [Double], perImage: [Double]) {
        divergences(mean, logVariance, variance: context.map(logVariance, context.kernels.exp))
    }

    private static func divergences(
        _ mean: Tensor, _ logVariance: Tensor, variance: Tensor
    ) -> (perDimension: [Double], perImage: [Double]) {
        require(
            mean.shape == logVariance.shape && mean.shape.rank == 2,
            "means [N, K] and log variances of the same shape, not \(mean.shape) and \(logVariance.shape)")
        let images = mean.shape.rows, size = mean.shape.columns
        var perDimension = [Double](repeating: 0, count: size), perImage = [Double](repeating: 0, count: images)
        withExtendedLifetime((mean, logVariance, variance)) {
            let means = mean.pointer, logarithms = logVariance.pointer, variances = variance.pointer
            for image in 0..<images {
                for k in 0..<size {
                    let at = image * size + k, m = Double(means[at])
                    let nats = 0.5 * (m * m + (Double(variances[at]) - 1) - Double(logarithms[at]))
                    perDimension[k] += nats
                    perImage[image] += nats
                }
            }
        }
        return (perDimension.map { $0 / Double(max(1, images)) }, perImage)
    }
}

extension Variable {
    /// The divergence in nats of the Gaussians with these means [N, K] from the unit Gaussian, summed over the code and
    /// averaged over the images.
    public func gaussianDivergence(logVariance: Variable, freeNats: Float = 0) -> Variable {
        tape(GaussianDivergence(freeNats: freeNats), self, logVariance)
    }
}
