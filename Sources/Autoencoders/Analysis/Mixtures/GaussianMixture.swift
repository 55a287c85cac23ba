import Requirements
package import TensorCore

/// Codes as draws from a few Gaussians, each with a full covariance: what a plain autoencoder's new codes are drawn
/// from. With one component it is the single Gaussian.
package struct GaussianMixture: Sendable, Equatable, Codable {
    package struct Component: Sendable, Equatable, Codable {
        /// The share of codes it stands for; all of them add up to 1.
        package let weight: Double
        /// The mean of the codes it stands for, [K].
        package let mean: [Double]
        /// [K, K], row-major, lower triangular: the covariance is factor factor^T.
        package let factor: [Double]

        /// The covariance matrix, [K, K], row-major.
        package var covariance: [Double] {
            let size = mean.count
            return (0..<size * size).map { index in
                let i = index / size, j = index % size
                return (0...min(i, j)).reduce(0) { $0 + factor[i * size + $1] * factor[j * size + $1] }
            }
        }
    }

    /// The Gaussians, by decreasing weight.
    package let components: [Component]
    /// K, the numbers in a code.
    package var dimensions: Int { components[0].mean.count }
    /// The mean over the codes it was fitted to of log p(code), in nats.
    package let meanLogLikelihood: Double
    /// Bayesian information criterion (Schwarz 1978): -2 log p(all codes) + parameters log N; less is better.
    package let bayesianInformationCriterion: Double
    /// N, the codes it was fitted to.
    package let fittedCodes: Int

    init(components: [Component], meanLogLikelihood: Double, fittedCodes: Int) {
        self.components = components
        self.meanLogLikelihood = meanLogLikelihood
        self.fittedCodes = fittedCodes
        let size = components[0].mean.count
        let parameters = components.count - 1 + components.count * (size + size * (size + 1) / 2)
        bayesianInformationCriterion =
            -2 * meanLogLikelihood * Double(fittedCodes)
            + Double(parameters) * DeterministicMath.log(Double(fittedCodes))
    }

    /// New codes [count, K]. Code i depends on the stream and i only, not on how many are drawn.
    package func draw(_ count: Int, from stream: RandomStream, in context: ComputeContext) -> Tensor {
        let size = dimensions, normals = stream.normal([count, size], in: context)
        var choices = stream
        choices.stream ^= 1 << 63
        let coins = choices.uniform(count: count, in: context)
        var codes = Tensor(uninitialized: [count, size])
        codes.withUnsafeMutablePointer { target in
            normals.withUnsafePointer { z in
                for index in 0..<count {
                    let component = component(at: Double(coins[index])), z = z + index * size
                    component.factor.withUnsafeBufferPointer { factor in
                        for i in 0..<size {
                            var value = component.mean[i]
                            for j in 0...i { value += factor[i * size + j] * Double(z[j]) }
                            target[index * size + i] = Float(value)
                        }
                    }
                }
            }
        }
        return codes
    }

    private func component(at coin: Double) -> Component {
        var remaining = coin
        for component in components {
            if remaining < component.weight { return component }
            remaining -= component.weight
        }
        return components[0]  // rounding left a little over
    }

    /// log p(code) of codes [N, K] in nats: how usual each is. In double precision; cost: N C K^2 operations.
    package func logDensities(of codes: Tensor, in context: ComputeContext) -> [Double] {
        let size = dimensions, count = codes.shape.rows
        require(codes.shape.columns == size, "a mixture over \(size) dimensions, but codes \(codes.shape)")
        var result = [Double](repeating: -.infinity, count: count)
        var residual = [Double](repeating: 0, count: size)
        codes.withUnsafePointer { p in
            for component in components where component.weight > 0 {
                let constant = component.logConstant
                for row in 0..<count {
                    var square = 0.0
                    component.factor.withUnsafeBufferPointer { l in
                        // L r = x - mean, from the first line to the last.
                        for i in 0..<size {
                            var value = Double(p[row * size + i]) - component.mean[i]
                            for j in 0..<i { value -= l[i * size + j] * residual[j] }
                            residual[i] = value / l[i * size + i]
                            square += residual[i] * residual[i]
                        }
                    }
                    result[row] = logSum(result[row], constant - square / 2)
                }
            }
        }
        return result
    }
}

extension GaussianMixture.Component {
    /// log of weight / sqrt((2 pi)^K |covariance|)
    var logConstant: Double {
        let size = mean.count
        return (0..<size).reduce(DeterministicMath.log(weight) - Double(size) / 2 * logTwoPi) {
            $0 - DeterministicMath.log(factor[$1 * size + $1])
        }
    }
}

let logTwoPi = 1.8378770664093453

/// log(e^a + e^b)
func logSum(_ a: Double, _ b: Double) -> Double {
    let high = max(a, b), low = min(a, b)
    return low == -.infinity ? high : high + DeterministicMath.log(1 + DeterministicMath.exp(low - high))
}
