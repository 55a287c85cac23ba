package import Autodiff
import CKernels
import Requirements
package import TensorCore

/// Nesterov's momentum: `v = momentum v + g`, `p -= rate * (g + momentum v)` with `g` including the decay.
/// Sutskever et al. 2013, in the form of PyTorch (`nesterov=True`): the gradient is taken at the stored parameters.
package struct Nesterov: Optimizer {
    package static let slotNames = ["momentum_buffer"]
    package var slots = NamedTensors()
    package var step = 0
    package var momentum: Float
    package var weightDecay: WeightDecay

    /// - Parameter momentum: in [0, 1): how much of the velocity the next step keeps.
    package init(momentum: Float = 0.9, weightDecay: WeightDecay = 0) {
        require((0..<1).contains(momentum), "momentum is in [0, 1), not \(momentum)")
        self.momentum = momentum
        self.weightDecay = weightDecay
    }

    package mutating func update(
        _ parameters: [Parameter], along gradients: NamedTensors, rate: Float, scale: Float, in context: ComputeContext
    ) {
        step += 1
        let kernels = context.kernels, momentum = momentum
        for parameter in parameters {
            let velocity = slots.slot("momentum_buffer", of: parameter)
            let decay = weightDecay.coefficient(for: parameter)
            parameter.forElements(along: gradients, in: context) { p, g, start, count in
                kernels.momentum_step(p, g, velocity + start, count, scale, rate, momentum, decay, 1)
            }
        }
    }
}
