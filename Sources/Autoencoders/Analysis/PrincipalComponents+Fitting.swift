import Requirements
package import TensorCore

extension PrincipalComponents {
    /// What decides how long a fit takes, and how much memory.
    package struct Options: Sendable, Equatable {
        /// At most this many rows are used, spread evenly over all; nil: up to 50,000 rows of up to 2,048 numbers, and
        /// of longer ones as many as fit 512 MiB (10,922 pictures of 64 x 64 x 3), but never fewer than 2,000.
        package var maximumRows: Int?
        /// Bytes. Rows of more than 2,048 numbers that fit are read once and kept; otherwise they are read again in
        /// each of some seven passes. The bits are the same.
        package var memoryLimit = 1 << 29
        /// The fit ends when all further passes together would lower the error by about this share of it.
        package var tolerance = 5e-4
        /// Of the random start.
        package var seed: UInt64 = 1

        package init() {}

        func rows(columns: Int) -> Int {
            if let maximumRows { return maximumRows }
            return columns <= Covariance.matrixLimit ? 50_000 : max(2000, (1 << 27) / columns)
        }
    }

    /// Fits components to rows of numbers by randomized subspace iteration (Halko, Martinsson & Tropp 2011, algorithm
    /// 4.4) with a Rayleigh-Ritz step in every pass, until the error has settled: within 0.1 % of the exact one.
    ///
    /// Cost: N D^2 operations for up to 2,048 columns; otherwise 4 N D L in each pass, L = K + max(16, K / 4).
    ///
    /// - Parameter components: K, at least 0; fewer come back when the rows vary in fewer directions.
    /// - Throws: what reading a row throws; ``AnalysisError`` for no rows, or numbers that are not finite.
    package static func fit(
        _ source: RowSource, components count: Int, options: Options = Options(), in context: ComputeContext
    ) throws -> PrincipalComponents {
        require(count >= 0, "\(count) components")
        guard source.count > 0 else { throw AnalysisError.tooFew(what: "rows", found: 0, needed: 1) }
        let rows = source.spread(atMost: max(1, options.rows(columns: source.columns)))
        let blocks = try CenteredBlocks(source, rows: rows, memoryLimit: options.memoryLimit, in: context)
        let covariance = try Covariance(blocks, in: context)
        let subspace = try dominantSubspace(of: covariance, rows: rows.count, count, options, in: context)
        return PrincipalComponents(
            mean: Tensor(rounding: covariance.mean, shape: [source.columns]), components: subspace.basis,
            variances: subspace.variances, totalVariance: covariance.totalVariance, fittedRows: rows.count)
    }

    private static func dominantSubspace(
        of covariance: Covariance, rows: Int, _ count: Int, _ options: Options, in context: ComputeContext
    ) throws -> (basis: Tensor, variances: [Double]) {
        let columns = covariance.mean.count, total = covariance.totalVariance
        let none = (basis: Tensor(zeros: [0, columns]), variances: [Double]())
        // N rows vary about their mean in at most N - 1 directions.
        let size = min(count + max(16, count / 4), columns, rows - 1)
        guard count > 0, size > 0, total > 0 else { return none }
        let start = RandomStream(seed: options.seed, stream: 0x50_43_41).normal([size, columns], in: context)
        var basis = OrthonormalRows.basis(of: start, in: context)
        var captured = 0.0, gain = Double.infinity
        for pass in 1... {
            let (image, projection) = try covariance.product(basis, in: context)
            let ritz = SymmetricEigen(projection, size: basis.shape.rows)
            let kept = ritz.values.prefix(count).prefix { $0 > 1e-7 * ritz.values[0] }.count
            let now = ritz.values.prefix(kept).reduce(0, +)
            let rotation = Tensor(rounding: ritz.vectors, shape: [basis.shape.rows, basis.shape.rows])
            // Gains shrink about geometrically: by their ratio, what is left to gain. The first ones shrink faster, as
            // long as it is the large variances that are found.
            let last = gain
            gain = now - captured
            captured = now
            let ratio = min(0.9, max(0.5, gain / last)), left = gain * ratio / (1 - ratio)
            let isSettled = pass > 2 && left <= options.tolerance * max(total - now, 1e-7 * total)
            if isSettled || pass == maximumPasses {
                guard kept > 0 else { return none }
                let vectors = MatrixProduct.multiply(rotation.rows(0..<kept), basis, in: context)
                return (vectors.withLargestEntriesPositive(), Array(ritz.values.prefix(kept)))
            }
            // Ritz vectors first: their images are nearly orthogonal already, and by decreasing length.
            let rotated = MatrixProduct.multiply(rotation, image, in: context)
            basis = OrthonormalRows.basis(of: rotated, in: context)
            guard basis.shape.rows > 0 else { return none }
        }
        return none
    }

    private static let maximumPasses = 30
}

extension Tensor {
    /// Each row in the sign in which its largest entry, the first of several equal ones, is positive.
    fileprivate func withLargestEntriesPositive() -> Tensor {
        var result = self
        let columns = shape.columns, rows = shape.rows
        result.withUnsafeMutablePointer { p in
            for row in 0..<rows {
                let entries = UnsafeMutableBufferPointer(start: p + row * columns, count: columns)
                var largest: Float = 0
                for entry in entries where abs(entry) > abs(largest) { largest = entry }
                if largest < 0 { for column in 0..<columns { entries[column] = -entries[column] } }
            }
        }
        return result
    }
}
