package import Autodiff
import CKernels
package import TensorCore

/// Plain gradient descent: `p -= rate * (g + decay p)`. Robbins & Monro 1951.
package struct StochasticGradientDescent: Optimizer {
    package static let slotNames: [String] = []
    package var slots = NamedTensors()
    package var step = 0
    package var weightDecay: WeightDecay

    package init(weightDecay: WeightDecay = 0) { self.weightDecay = weightDecay }

    package mutating func update(
        _ parameters: [Parameter], along gradients: NamedTensors, rate: Float, scale: Float, in context: ComputeContext
    ) {
        step += 1
        let kernels = context.kernels
        for parameter in parameters {
            let decay = weightDecay.coefficient(for: parameter)
            parameter.forElements(along: gradients, in: context) { p, g, _, count in
                kernels.momentum_step(p, g, nil, count, scale, rate, 0, decay, 0)
            }
        }
    }
}
