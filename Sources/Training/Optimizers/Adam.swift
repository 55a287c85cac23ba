package import Autodiff
import CKernels
import Requirements
package import TensorCore

/// The numbers that Adam and AdamW have in common: of the smoothed gradient and squared gradient.
package struct AdamMoments: Hashable, Sendable {
    package var beta1: Float
    package var beta2: Float
    package var epsilon: Float

    /// - Parameters:
    ///   - beta1: in [0, 1): how much of the mean gradient the next step keeps.
    ///   - beta2: in [0, 1): how much of the mean square the next step keeps.
    ///   - epsilon: above 0.
    package init(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8) {
        require((0..<1).contains(beta1), "beta1 is in [0, 1), not \(beta1)")
        require((0..<1).contains(beta2), "beta2 is in [0, 1), not \(beta2)")
        require(epsilon > 0, "epsilon is above 0, not \(epsilon)")
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
    }
}

/// `m = beta1 m + (1 - beta1) g`, `v = beta2 v + (1 - beta2) g^2`, both divided by `1 - beta^step`, which corrects for
/// their start at zero, then `p -= rate * m / (sqrt(v) + epsilon)`.
///
/// - Adam: `g` includes the decay (Kingma & Ba 2015, algorithm 1).
/// - AdamW: the decay stays out of the moments, `p *= 1 - rate * decay` beside Adam's step, so that it does not fade for
///   weights with large gradients (Loshchilov & Hutter 2019, algorithm 2, as in PyTorch).
package struct Adam: UpdateRule {
    package static let slotNames = ["exp_avg", "exp_avg_sq"]
    package var slots = NamedTensors()
    package var step = 0
    package var moments: AdamMoments
    package var weightDecay: WeightDecay
    /// Whether this is AdamW.
    package var isDecayDecoupled: Bool

    package init(_ moments: AdamMoments = AdamMoments(), weightDecay: WeightDecay = 0, isDecayDecoupled: Bool = false) {
        (self.moments, self.weightDecay, self.isDecayDecoupled) = (moments, weightDecay, isDecayDecoupled)
    }

    package mutating func update(
        _ parameters: [Parameter], along gradients: NamedTensors, rate: Float, scale: Float, in context: ComputeContext
    ) {
        step += 1
        let kernels = context.kernels, (beta1, beta2, epsilon) = (moments.beta1, moments.beta2, moments.epsilon)
        // From the rounded betas that the kernel uses: the averages' weights then add up to exactly this.
        let correction1 = Float(1 - DeterministicMath.pow(Double(beta1), Double(step)))
        let correction2 = Float(1 - DeterministicMath.pow(Double(beta2), Double(step)))
        for parameter in parameters {
            let mean = slots.slot("exp_avg", of: parameter), meanSquare = slots.slot("exp_avg_sq", of: parameter)
            let decay = weightDecay.coefficient(for: parameter)
            let coupled = isDecayDecoupled ? 0 : decay, decoupled = isDecayDecoupled ? decay : 0
            parameter.forElements(along: gradients, in: context) { p, g, start, count in
                kernels.adam_step(
                    p, g, mean + start, meanSquare + start, count, scale, rate, beta1, beta2, epsilon, correction1,
                    correction2, coupled, decoupled)
            }
        }
    }
}
