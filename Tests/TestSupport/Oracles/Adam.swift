import Foundation

extension Oracle {
    /// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², θ ← θ − η·m̂/(√v̂ + ε) with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ):
    /// Kingma and Ba 2015.
    public struct Adam: Optimizer {
        /// What weight decay means.
        public enum Decay: Sendable {
            /// λθ is added to the gradient (PyTorch's Adam).
            case coupled
            /// θ is multiplied by 1 − ηλ before the step (AdamW: Loshchilov and Hutter 2019, as PyTorch scales it).
            case decoupled
        }

        public var betas: (Double, Double)
        public var epsilon: Double
        public var weightDecay: Double
        public var decay: Decay
        private var moments: (first: [Double], second: [Double])?
        private var time = 0

        public init(
            betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8, weightDecay: Double = 0,
            decay: Decay = .coupled
        ) {
            (self.betas, self.epsilon, self.weightDecay, self.decay) = (betas, epsilon, weightDecay, decay)
        }

        public static func adamW(weightDecay: Double = 0.01) -> Adam {
            Adam(weightDecay: weightDecay, decay: .decoupled)
        }

        public mutating func step(_ parameters: inout [Double], gradient: [Double], learningRate: Double) {
            let zeros = gradient.map { _ in 0.0 }
            var (first, second) = moments ?? (zeros, zeros)
            time += 1
            let (bias1, bias2) = (1 - pow(betas.0, Double(time)), 1 - pow(betas.1, Double(time)))
            for i in parameters.indices {
                var g = gradient[i]
                switch decay {
                case .coupled: g += weightDecay * parameters[i]
                case .decoupled: parameters[i] *= 1 - learningRate * weightDecay
                }
                first[i] = betas.0 * first[i] + (1 - betas.0) * g
                second[i] = betas.1 * second[i] + (1 - betas.1) * g * g
                parameters[i] -= learningRate * (first[i] / bias1) / ((second[i] / bias2).squareRoot() + epsilon)
            }
            moments = (first, second)
        }
    }
}
