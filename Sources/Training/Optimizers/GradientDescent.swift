package import Autodiff
import CKernels
import Requirements
package import TensorCore

/// Plain gradient descent: `p -= rate * (g + decay p)`. Robbins & Monro 1951.
package struct StochasticGradientDescent: UpdateRule {
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

/// Gradient descent with momentum, in PyTorch's form, where the velocity does not contain the learning rate, so that a
/// change of rate acts at once. With `g` including the decay:
///
/// - `v = momentum v + g`, `p -= rate * v` (Polyak 1964),
/// - or Nesterov's, `v = momentum v + g`, `p -= rate * (g + momentum v)` (Sutskever et al. 2013): the gradient is taken at
///   the stored parameters.
package struct Momentum: UpdateRule {
    package static let slotNames = ["momentum_buffer"]
    package var slots = NamedTensors()
    package var step = 0
    package var momentum: Float
    package var isNesterov: Bool
    package var weightDecay: WeightDecay

    /// - Parameter momentum: in [0, 1): how much of the velocity the next step keeps.
    package init(momentum: Float = 0.9, isNesterov: Bool = false, weightDecay: WeightDecay = 0) {
        require((0..<1).contains(momentum), "momentum is in [0, 1), not \(momentum)")
        (self.momentum, self.isNesterov, self.weightDecay) = (momentum, isNesterov, weightDecay)
    }

    package mutating func update(
        _ parameters: [Parameter], along gradients: NamedTensors, rate: Float, scale: Float, in context: ComputeContext
    ) {
        step += 1
        let kernels = context.kernels, momentum = momentum, nesterov: Int32 = isNesterov ? 1 : 0
        for parameter in parameters {
            let velocity = slots.slot("momentum_buffer", of: parameter)
            let decay = weightDecay.coefficient(for: parameter)
            parameter.forElements(along: gradients, in: context) { p, g, start, count in
                kernels.momentum_step(p, g, velocity + start, count, scale, rate, momentum, decay, nesterov)
            }
        }
    }
}
