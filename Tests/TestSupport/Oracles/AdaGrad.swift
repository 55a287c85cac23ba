extension Oracle {
    /// s ← s + g², θ ← θ − η·g/(√s + ε): Duchi et al. 2011.
    public struct AdaGrad: Optimizer {
        public var epsilon: Double
        private var sum: [Double]?

        public init(epsilon: Double = 1e-10) { self.epsilon = epsilon }

        public mutating func step(_ parameters: inout [Double], gradient: [Double], learningRate: Double) {
            var sum = self.sum ?? gradient.map { _ in 0 }
            for i in parameters.indices {
                sum[i] += gradient[i] * gradient[i]
                parameters[i] -= learningRate * gradient[i] / (sum[i].squareRoot() + epsilon)
            }
            self.sum = sum
        }
    }
}
