package import Autodiff
import CKernels
import Requirements
package import TensorCore

/// A rate for each weight that falls with all it has moved: `s += g^2`, `p -= rate * g / (sqrt(s) + epsilon)`,
/// `g` including the decay. Duchi, Hazan & Singer 2011.
package struct AdaGrad: UpdateRule {
    package static let slotNames = ["sum"]
    package var slots = NamedTensors()
    package var step = 0
    package var epsilon: Float
    package var weightDecay: WeightDecay

    /// - Parameter epsilon: above 0; keeps the first steps of a weight that hardly moves finite.
    package init(epsilon: Float = 1e-10, weightDecay: WeightDecay = 0) {
        require(epsilon > 0, "epsilon is above 0, not \(epsilon)")
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    package mutating func update(
        _ parameters: [Parameter], along gradients: NamedTensors, rate: Float, scale: Float, in context: ComputeContext
    ) {
        step += 1
        let kernels = context.kernels, epsilon = epsilon
        for parameter in parameters {
            let sum = slots.slot("sum", of: parameter), decay = weightDecay.coefficient(for: parameter)
            parameter.forElements(along: gradients, in: context) { p, g, start, count in
                kernels.adagrad_step(p, g, sum + start, count, scale, rate, epsilon, decay)
            }
        }
    }
}

/// AdaGrad that forgets: `s = smoothing s + (1 - smoothing) g^2`, `p -= rate * g / (sqrt(s) + epsilon)`, `g` including
/// the decay. Tieleman & Hinton 2012, lecture 6.5.
package struct RMSprop: UpdateRule {
    package static let slotNames = ["square_avg"]
    package var slots = NamedTensors()
    package var step = 0
    package var smoothing: Float
    package var epsilon: Float
    package var weightDecay: WeightDecay

    /// - Parameter smoothing: in [0, 1): how much of the mean square the next step keeps.
    package init(smoothing: Float = 0.99, epsilon: Float = 1e-8, weightDecay: WeightDecay = 0) {
        require((0..<1).contains(smoothing), "smoothing is in [0, 1), not \(smoothing)")
        require(epsilon > 0, "epsilon is above 0, not \(epsilon)")
        self.smoothing = smoothing
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    package mutating func update(
        _ parameters: [Parameter], along gradients: NamedTensors, rate: Float, scale: Float, in context: ComputeContext
    ) {
        step += 1
        let kernels = context.kernels, smoothing = smoothing, epsilon = epsilon
        for parameter in parameters {
            let meanSquare = slots.slot("square_avg", of: parameter), decay = weightDecay.coefficient(for: parameter)
            parameter.forElements(along: gradients, in: context) { p, g, start, count in
                kernels.rmsprop_step(p, g, meanSquare + start, count, scale, rate, smoothing, epsilon, decay)
            }
        }
    }
}
