package import Autodiff
package import TensorCore

/// Adam whose weight decay stays out of the moments: `p *= 1 - rate * decay` beside Adam's step, so that it does not
/// fade for weights with large gradients. Loshchilov & Hutter 2019, algorithm 2, as in PyTorch. Only parameters of
/// rank 2 and more decay unless the scope says otherwise, see ``WeightDecay``.
package struct AdamW: Optimizer {
    package static let slotNames = AdamMoments.slotNames
    package var slots = NamedTensors()
    package var step = 0
    package var moments: AdamMoments
    package var weightDecay: WeightDecay

    package init(_ moments: AdamMoments = AdamMoments(), weightDecay: WeightDecay = 0.01) {
        self.moments = moments
        self.weightDecay = weightDecay
    }

    package mutating func update(
        _ parameters: [Parameter], along gradients: NamedTensors, rate: Float, scale: Float, in context: ComputeContext
    ) {
        step += 1
        moments.update(
            parameters, along: gradients, slots: &slots, step: step, rate: rate, scale: scale, decoupled: weightDecay,
            in: context)
    }
}
