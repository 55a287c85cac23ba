extension Oracle {
    /// g ← ∇ + λθ, v ← μv + g, θ ← θ − η·v, or θ − η·(g + μv) for Nesterov: PyTorch's SGD, where the velocity does not
    /// contain the learning rate (Sutskever et al. 2013 put it inside: another path when the rate changes).
    public struct SGD: Optimizer {
        public var momentum: Double
        public var nesterov: Bool
        public var weightDecay: Double
        private var velocity: [Double]?

        public init(momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0) {
            (self.momentum, self.nesterov, self.weightDecay) = (momentum, nesterov, weightDecay)
        }

        public mutating func step(_ parameters: inout [Double], gradient: [Double], learningRate: Double) {
            var velocity = self.velocity ?? gradient.map { _ in 0 }
            for i in parameters.indices {
                let g = gradient[i] + weightDecay * parameters[i]
                velocity[i] = momentum * velocity[i] + g
                parameters[i] -= learningRate * (nesterov ? g + momentum * velocity[i] : velocity[i])
            }
            self.velocity = velocity
        }
    }
}
