import Requirements
package import TensorCore

/// Gradient descent on the divergence of t-SNE: momentum, and a gain for each coordinate (Jacobs 1988).
///
/// Gradient (van der Maaten & Hinton 2008, equation 5): dC/dy_i = 4 (sum_j p_ij w_ij (y_i - y_j) - sum_j w_ij^2
/// (y_i - y_j) / Z), w_ij = 1 / (1 + |y_i - y_j|^2), Z the sum of w over all ordered pairs.
package struct TSNEDescent {
    private let affinities: Affinities
    private let options: TSNE.Options
    private let rate: Float
    private let count: Int
    /// Coordinates apart, with room for whole groups of lanes.
    private var x: Tensor, y: Tensor
    private var velocity: [SIMD2<Float>], gain: [SIMD2<Float>], attraction: [SIMD2<Float>]
    private var repulsion: Repulsion

    /// - Parameter start: [N, 2]
    package init(start: Tensor, _ affinities: Affinities, _ options: TSNE.Options) {
        count = affinities.count
        require(start.shape == [count, 2], "positions \(start.shape) for \(count) points")
        x = Tensor(zeros: [Repulsion.padded(count)])
        y = x
        for point in 0..<count { (x[point], y[point]) = (start[point, 0], start[point, 1]) }
        velocity = [SIMD2<Float>](repeating: .zero, count: count)
        gain = [SIMD2<Float>](repeating: .one, count: count)
        attraction = velocity
        repulsion = Repulsion(count: count)
        rate = Float(options.learningRate ?? max(50, Double(count) / (4 * options.earlyExaggeration)))
        (self.affinities, self.options) = (affinities, options)
    }

    /// [N, 2]
    package var positions: Tensor {
        let x = x.values, y = y.values
        return Tensor((0..<count).flatMap { [x[$0], y[$0]] }, shape: [count, 2])
    }

    private var angle: Double { count > options.exactLimit ? options.angle : 0 }

    /// dC/dy [N, 2] at the present positions, and Z.
    package mutating func gradient(
        exaggeration: Double = 1, in context: ComputeContext
    ) -> (values: [SIMD2<Float>], total: Double) {
        let total = repulsion.compute(x, y, angle: angle, in: context)
        computeAttraction(in: context)
        let inverse = Float(1 / max(total, .leastNormalMagnitude)), exaggeration = Float(exaggeration)
        let values = repulsion.forceX.withUnsafePointer { forceX in
            repulsion.forceY.withUnsafePointer { forceY in
                (0..<count).map { 4 * (exaggeration * attraction[$0] - inverse * SIMD2(forceX[$0], forceY[$0])) }
            }
        }
        return (values, total)
    }

    mutating func step(_ iteration: Int, in context: ComputeContext) {
        let isEarly = iteration < options.exaggeratedIterations
        let momentum: Float = isEarly ? 0.5 : 0.8
        if iteration == options.exaggeratedIterations {
            // What was learned about the exaggerated surface does not hold on the new one.
            for i in 0..<count { (velocity[i], gain[i]) = (.zero, .one) }
        }
        let gradient = gradient(exaggeration: isEarly ? options.earlyExaggeration : 1, in: context).values
        let x = x.mutablePointer, y = y.mutablePointer
        var center = SIMD2<Double>.zero
        for i in 0..<count {
            // Faster while a coordinate keeps moving downhill, slower when it has passed the bottom.
            let isBeyond = (gradient[i] .< 0) .== (velocity[i] .< 0)
            gain[i] = (gain[i] + 0.2).replacing(with: gain[i] * 0.8, where: isBeyond)
            gain[i].replace(with: 0.01, where: gain[i] .< 0.01)
            velocity[i] = momentum * velocity[i] - rate * gain[i] * gradient[i]
            x[i] += velocity[i].x
            y[i] += velocity[i].y
            center += SIMD2(Double(x[i]), Double(y[i]))
        }
        center /= Double(count)
        var squares = 0.0
        for i in 0..<count {
            x[i] -= Float(center.x)
            y[i] -= Float(center.y)
            squares += Double(x[i]) * Double(x[i]) + Double(y[i]) * Double(y[i])
        }
        keepSize((squares / Double(count)).squareRoot(), x, y)
    }

    /// Exaggerated attraction makes codes without clusters shrink by a factor in each iteration, down to where numbers
    /// end. So small a map's forces are linear in its positions, and enlarging it changes nothing else.
    private mutating func keepSize(_ size: Double, _ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
        guard size > 0, size < Self.smallestSize else { return }
        let scale = Float(Self.smallestSize / size)
        for i in 0..<count {
            x[i] *= scale
            y[i] *= scale
            velocity[i] *= scale
        }
    }

    /// The root mean square distance from the center below which w is 1 in single precision, whatever the pair.
    private static let smallestSize = 1e-4

    private mutating func computeAttraction(in context: ComputeContext) {
        let count = count, x = x, y = y, affinities = affinities
        attraction.withUnsafeMutableBufferPointer { attraction in
            affinities.withUnsafePointers { starts, columns, values in
                withExtendedLifetime((x, y)) {
                    let x = x.pointer, y = y.pointer
                    context.parallel(over: count, work: values.count * 10) { part in
                        for i in part {
                            var force = SIMD2<Float>.zero
                            for k in starts[i]..<starts[i + 1] {
                                let j = Int(columns[k]), dx = x[i] - x[j], dy = y[i] - y[j]
                                let pull = values[k] / (1 + dx * dx + dy * dy)
                                force += SIMD2(pull * dx, pull * dy)
                            }
                            attraction[i] = force
                        }
                    }
                }
            }
        }
    }

    /// Sum of p log(p / q) over the pairs that have a p, in nats.
    package mutating func divergence(in context: ComputeContext) -> Double {
        let total = repulsion.compute(x, y, angle: angle, in: context)
        let x = x.values, y = y.values
        return affinities.withUnsafePointers { starts, columns, values in
            var sum = 0.0
            for i in 0..<count {
                for k in starts[i]..<starts[i + 1] where values[k] > 0 {
                    let j = Int(columns[k]), dx = Double(x[i]) - Double(x[j]), dy = Double(y[i]) - Double(y[j])
                    let p = Double(values[k])
                    sum += p * DeterministicMath.log(p * (1 + dx * dx + dy * dy) * total)
                }
            }
            return sum
        }
    }
}
