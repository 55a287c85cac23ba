public import Autodiff
public import TensorCore

/// Plain gradient descent: `p -= rate * (g + decay p)`. Robbins & Monro 1951.
public struct StochasticGradientDescent: Optimizer {
    public static let slotNames: [String] = []
    public var slots = NamedTensors()
    public var step = 0
    public var weightDecay: WeightDecay

    public init(weightDecay: WeightDecay = 0) { self.weightDecay = weightDecay }

    public mutating func update(
        _ parameters: [Parameter], along gradients: NamedTensors, rate: Float, scale: Float, in context: ComputeContext
    ) {
        step += 1
        let kernels = context.kernels
        for parameter in parameters {
            let decay = weightDecay.coefficient(for: parameter)
            parameter.forPieces(along: gradients, in: context) { p, g, _, count in
                kernels.momentum_step(p, g, nil, count, scale, rate, 0, decay, 0)
            }
        }
    }
}
