import Requirements
package import TensorCore

extension GaussianMixture {
    package struct Options: Sendable, Equatable {
        /// Iterations end when one raises the mean log-likelihood by less than this, in nats for each number of a code.
        package var tolerance = 1e-4
        package var maximumIterations = 100
        /// Added to the variance in every direction, as a share of the codes' variance in that dimension.
        package var regularization = 1e-6
        /// At most this many codes are used, spread evenly over all.
        package var maximumCodes = 10_000
        package var seed: UInt64 = 1

        package init() {}
    }

    /// Expectation-maximization (Dempster, Laird & Rubin 1977) from a k-means start.
    ///
    /// Fewer components come back where a component would stand for fewer than K + 1 codes, which do not determine a
    /// covariance. Dimensions in which the codes do not vary get a variance that is next to nothing beside the others.
    ///
    /// Cost: 2 N C K^2 operations an iteration.
    ///
    /// - Parameters:
    ///   - codes: [N, K], at least one.
    ///   - components: C, at least 1.
    /// - Throws: ``AnalysisError`` for no codes, or numbers that are not finite.
    package static func fit(
        _ codes: Tensor, components: Int, options: Options = Options(), in context: ComputeContext
    ) throws(AnalysisError) -> GaussianMixture {
        require(components >= 1, "a mixture of \(components) components")
        let scaled = try StandardizedCodes(codes, options, in: context)
        let bound = max(1, min(components, scaled.count / (scaled.dimensions + 1)))
        for count in stride(from: bound, to: 1, by: -1) {
            if let mixture = try scaled.fit(count, options, in: context) { return mixture }
        }
        return try scaled.single(options, in: context)
    }

    /// The number of components among 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20 with the least Bayesian information
    /// criterion. Components stand for 4 (K + 1) codes or more on average; the search ends after three numbers in a
    /// row that were no better.
    ///
    /// - Parameter limit: no more components than this.
    package static func fit(
        _ codes: Tensor, componentsUpTo limit: Int = 20, options: Options = Options(), in context: ComputeContext
    ) throws(AnalysisError) -> GaussianMixture {
        let scaled = try StandardizedCodes(codes, options, in: context)
        var best = try scaled.single(options, in: context), worse = 0
        for count in [2, 3, 4, 5, 6, 8, 10, 13, 16, 20]
        where count <= min(limit, scaled.count / (4 * (scaled.dimensions + 1))) {
            guard worse < 3, let mixture = try scaled.fit(count, options, in: context) else { break }
            if mixture.bayesianInformationCriterion < best.bayesianInformationCriterion {
                (best, worse) = (mixture, 0)
            } else {
                worse += 1
            }
        }
        return best
    }
}

/// Codes at mean 0 and variance 1 in each dimension, in which single precision serves all dimensions alike.
private struct StandardizedCodes {
    let points: Tensor
    private let center: [Double], scale: [Double]

    var count: Int { points.shape.rows }
    var dimensions: Int { points.shape.columns }

    init(_ codes: Tensor, _ options: GaussianMixture.Options, in context: ComputeContext) throws(AnalysisError) {
        require(codes.shape.columns > 0, "codes of shape \(codes.shape)")
        guard codes.shape.rows > 0 else { throw .tooFew(what: "codes", found: 0, needed: 1) }
        if let row = codes.firstRowNotFinite(in: context) { throw .notFinite(row: row, what: "code") }
        let all = RowSource(codes), columns = codes.shape.columns
        let taken = codes.rows(numbered: all.spread(atMost: max(1, options.maximumCodes)))
        let center = taken.columnMeans, count = taken.shape.rows
        var squares = [Double](repeating: 0, count: columns)
        taken.withUnsafePointer { p in
            for row in 0..<count {
                for column in 0..<columns {
                    let difference = Double(p[row * columns + column]) - center[column]
                    squares[column] += difference * difference
                }
            }
        }
        let deviations = squares.map { ($0 / Double(count)).squareRoot() }
        let largest = deviations.max() ?? 0, size = center.map { abs($0) }.max() ?? 0
        // Where nothing varies, a scatter below single precision.
        let least = largest > 0 ? 1e-6 * largest : 1e-6 * max(size, 1e-3)
        let scale = deviations.map { max($0, least) }
        var points = Tensor(uninitialized: [count, columns])
        let target = points.mutablePointer
        taken.withUnsafePointer { p in
            for index in 0..<count * columns {
                target[index] = Float((Double(p[index]) - center[index % columns]) / scale[index % columns])
            }
        }
        (self.points, self.center, self.scale) = (points, center, scale)
    }

    /// Fits so many components. Nil where one of them is left without codes.
    func fit(
        _ components: Int, _ options: GaussianMixture.Options, in context: ComputeContext
    ) throws(AnalysisError) -> GaussianMixture? {
        let groups = try KMeans.fit(points, clusters: components, starts: 2, seed: options.seed, in: context)
        guard groups.sizes.count == components else { return nil }
        let fitting = ExpectationMaximization(points, options, fewest: dimensions + 1)
        return fitting.run(from: groups.assignments, components: components, in: context).map(unscaled)
    }

    /// Fits a single Gaussian, however few codes there are.
    func single(_ options: GaussianMixture.Options, in context: ComputeContext) throws(AnalysisError) -> GaussianMixture
    {
        let fitting = ExpectationMaximization(points, options, fewest: 0)
        let start = [Int](repeating: 0, count: count)
        guard let fitted = fitting.run(from: start, components: 1, in: context) else {
            throw .tooFew(what: "codes", found: count, needed: 1)
        }
        return unscaled(fitted)
    }

    private func unscaled(_ fitted: ExpectationMaximization.Result) -> GaussianMixture {
        let size = dimensions
        let components = fitted.components.map { component in
            GaussianMixture.Component(
                weight: component.weight, mean: (0..<size).map { center[$0] + scale[$0] * component.mean[$0] },
                factor: component.factor.indices.map { component.factor[$0] * scale[$0 / size] })
        }
        let order = components.indices.sorted {
            components[$0].weight != components[$1].weight ? components[$0].weight > components[$1].weight : $0 < $1
        }
        // A density is per unit of volume, and the volume was scaled.
        let logScale = scale.reduce(0) { $0 + DeterministicMath.log($1) }
        return GaussianMixture(
            components: order.map { components[$0] }, meanLogLikelihood: fitted.meanLogLikelihood - logScale,
            fittedCodes: count)
    }
}
