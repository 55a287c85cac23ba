extension Oracle {
    /// s ← αs + (1 − α)g², θ ← θ − η·g/(√s + ε): Tieleman and Hinton 2012, ε outside the root as in PyTorch.
    public struct RMSprop: Optimizer {
        public var alpha: Double
        public var epsilon: Double
        private var average: [Double]?

        public init(alpha: Double = 0.99, epsilon: Double = 1e-8) { (self.alpha, self.epsilon) = (alpha, epsilon) }

        public mutating func step(_ parameters: inout [Double], gradient: [Double], learningRate: Double) {
            var average = self.average ?? gradient.map { _ in 0 }
            for i in parameters.indices {
                average[i] = alpha * average[i] + (1 - alpha) * gradient[i] * gradient[i]
                parameters[i] -= learningRate * gradient[i] / (average[i].squareRoot() + epsilon)
            }
            self.average = average
        }
    }
}
