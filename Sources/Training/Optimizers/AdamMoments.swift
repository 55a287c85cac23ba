import Autodiff
import CKernels
import Requirements
import TensorCore

/// What Adam and AdamW have in common: smoothed gradient and squared gradient, corrected for their start at zero.
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

    static let slotNames = ["exp_avg", "exp_avg_sq"]

    /// Step number `step` (from 1). One of the two decay coefficients is zero.
    func update(
        _ parameters: [Parameter], along gradients: NamedTensors, slots: inout NamedTensors, step: Int, rate: Float,
        scale: Float, coupled: WeightDecay = 0, decoupled: WeightDecay = 0, in context: ComputeContext
    ) {
        let kernels = context.kernels, beta1 = beta1, beta2 = beta2, epsilon = epsilon
        // From the rounded betas that the kernel uses: the averages' weights then add up to exactly this.
        let correction1 = Float(1 - DeterministicMath.pow(Double(beta1), Double(step)))
        let correction2 = Float(1 - DeterministicMath.pow(Double(beta2), Double(step)))
        for parameter in parameters {
            let mean = slots.slot("exp_avg", of: parameter), meanSquare = slots.slot("exp_avg_sq", of: parameter)
            let decay = coupled.coefficient(for: parameter), shrinkage = decoupled.coefficient(for: parameter)
            parameter.forElements(along: gradients, in: context) { p, g, start, count in
                kernels.adam_step(
                    p, g, mean + start, meanSquare + start, count, scale, rate, beta1, beta2, epsilon, correction1,
                    correction2, decay, shrinkage)
            }
        }
    }
}
