import CKernels
import TensorCore

/// The iterations that fit a ``GaussianMixture``, on codes whose every dimension has mean 0 and variance 1.
///
/// Quadratic forms and covariances are matrix products in single precision; factors, exponentials and sums over codes
/// are in double precision.
struct ExpectationMaximization {
    struct Result {
        let components: [GaussianMixture.Component]
        let meanLogLikelihood: Double
    }

    private let points: Tensor
    private let options: GaussianMixture.Options
    /// A component with less than this sum of responsibilities has lost its codes.
    private let fewest: Int
    private var count: Int { points.shape.rows }
    private var size: Int { points.shape.columns }

    init(_ points: Tensor, _ options: GaussianMixture.Options, fewest: Int) {
        (self.points, self.options, self.fewest) = (points, options, fewest)
    }

    /// - Parameter assignments: the component of each code at the start.
    /// - Returns: nil where a component loses its codes.
    func run(from assignments: [Int], components: Int, in context: ComputeContext) -> Result? {
        var responsibilities = Tensor(zeros: [count, components])
        responsibilities.withUnsafeMutablePointer { p in
            for (row, component) in assignments.enumerated() { p[row * components + component] = 1 }
        }
        guard var mixture = maximize(responsibilities, in: context) else { return nil }
        var last = -Double.infinity
        for iteration in 1... {
            let (next, likelihood) = expect(mixture, in: context)
            if likelihood - last < options.tolerance * Double(size) || iteration >= options.maximumIterations
                || components == 1
            {
                return Result(components: mixture, meanLogLikelihood: likelihood)
            }
            last = likelihood
            guard let better = maximize(next, in: context) else { return nil }
            mixture = better
        }
        return nil
    }

    /// Responsibilities [N, C] and the mean log-likelihood.
    private func expect(
        _ mixture: [GaussianMixture.Component], in context: ComputeContext
    ) -> (responsibilities: Tensor, meanLogLikelihood: Double) {
        let count = count, size = size, components = mixture.count, kernels = context.kernels
        var logs = [Double](repeating: 0, count: count * components)
        var responsibilities = Tensor(uninitialized: [count, components])
        let target = responsibilities.mutablePointer
        let total = logs.withUnsafeMutableBufferPointer { logs in
            for (index, component) in mixture.enumerated() {
                // |L^-1 (x - mean)|^2
                let inverse = Cholesky.inverse(of: component.factor, size: size)
                let offset = (0..<size).map { i in
                    -(0...i).reduce(0.0) { $0 + inverse[i * size + $1] * component.mean[$1] }
                }
                let packed = PackedMatrix(
                    Tensor(rounding: inverse, shape: [size, size]), transposed: true, in: context)
                let bias = Tensor(rounding: offset, shape: [size]), constant = component.logConstant
                let whitened = MatrixProduct.multiply(points, packed, bias: bias, in: context)
                whitened.withUnsafePointer { p in
                    context.parallel(over: count, work: count * size) { rows in
                        for row in rows {
                            let square = Double(kernels.sum_of_squares(p + row * size, size))
                            logs[row * components + index] = constant - square / 2
                        }
                    }
                }
            }
            context.parallel(over: count, work: count * components * 30) { rows in
                for row in rows {
                    let logs = UnsafeMutableBufferPointer(rebasing: logs[row * components..<(row + 1) * components])
                    var high = logs[0], sum = 0.0
                    for index in 1..<max(components, 1) { high = max(high, logs[index]) }
                    for index in 0..<components {
                        let weight = DeterministicMath.exp(logs[index] - high)
                        target[row * components + index] = Float(weight)
                        sum += weight
                    }
                    let inverse = Float(1 / sum)
                    for index in 0..<components { target[row * components + index] *= inverse }
                    logs[0] = high + DeterministicMath.log(sum)
                }
            }
            return (0..<count).reduce(0.0) { $0 + logs[$1 * components] }
        }
        return (responsibilities, total / Double(count))
    }

    /// Weights, means and covariances from responsibilities [N, C].
    private func maximize(
        _ responsibilities: Tensor, in context: ComputeContext
    ) -> [GaussianMixture.Component]? {
        let components = responsibilities.shape.columns, size = size
        let sums = responsibilities.columnMeans.map { $0 * Double(count) }
        guard sums.allSatisfy({ $0 > 0 && $0 >= Double(fewest) }) else { return nil }
        let moments = MatrixProduct.multiply(responsibilities, transposeA: true, points, in: context).values
        let total = sums.reduce(0, +)
        var mixture: [GaussianMixture.Component] = []
        for component in 0..<components {
            let mean = (0..<size).map { Double(moments[component * size + $0]) / sums[component] }
            let weighted = deviations(from: mean, responsibilities, component)
            let products = MatrixProduct.multiplyTall(weighted, weighted, in: context).values
            let covariance = products.map { Double($0) / sums[component] }
            guard let factor = regularizedFactor(covariance) else { return nil }
            mixture.append(
                GaussianMixture.Component(weight: sums[component] / total, mean: mean, factor: factor.factor))
        }
        return mixture
    }

    /// sqrt(responsibility) (x - mean) of the codes for which the component is responsible at all, [n, K].
    private func deviations(from mean: [Double], _ responsibilities: Tensor, _ component: Int) -> Tensor {
        let components = responsibilities.shape.columns, size = size, mean = mean.map(Float.init)
        return responsibilities.withUnsafePointer { r in
            let rows = (0..<count).filter { r[$0 * components + component] > 1e-10 }
            var result = Tensor(uninitialized: [rows.count, size])
            let target = result.mutablePointer
            points.withUnsafePointer { p in
                mean.withUnsafeBufferPointer { mean in
                    for (index, row) in rows.enumerated() {
                        let root = r[row * components + component].squareRoot()
                        for k in 0..<size { target[index * size + k] = root * (p[row * size + k] - mean[k]) }
                    }
                }
            }
            return result
        }
    }

    /// The factor of the covariance with the regularization on its diagonal: tenfold as long as rounding, or too few
    /// codes, leave it indefinite.
    private func regularizedFactor(_ covariance: [Double]) -> Cholesky? {
        var added = max(options.regularization, 1e-12)
        while added < 1e3 {
            var regular = covariance
            for k in 0..<size { regular[k * size + k] += added }
            if let factor = Cholesky(regular, size: size) { return factor }
            added *= 10
        }
        return nil
    }
}
