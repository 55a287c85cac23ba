package import Autodiff
package import TensorCore

/// `m = beta1 m + (1 - beta1) g`, `v = beta2 v + (1 - beta2) g^2`, both divided by `1 - beta^step`, then
/// `p -= rate * m / (sqrt(v) + epsilon)`; `g` includes the decay. Kingma & Ba 2015, algorithm 1.
package struct Adam: Optimizer {
    package static let slotNames = AdamMoments.slotNames
    package var slots = NamedTensors()
    package var step = 0
    package var moments: AdamMoments
    package var weightDecay: WeightDecay

    package init(_ moments: AdamMoments = AdamMoments(), weightDecay: WeightDecay = 0) {
        self.moments = moments
        self.weightDecay = weightDecay
    }

    package mutating func update(
        _ parameters: [Parameter], along gradients: NamedTensors, rate: Float, scale: Float, in context: ComputeContext
    ) {
        step += 1
        moments.update(
            parameters, along: gradients, slots: &slots, step: step, rate: rate, scale: scale, coupled: weightDecay,
            in: context)
    }
}
