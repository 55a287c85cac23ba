import CKernels
import Requirements
package import TensorCore

/// The linear code of least squared error: directions of largest variance (Pearson 1901; Hotelling 1933).
///
/// The baseline beside every autoencoder of the same code size, and the plain map of codes in two dimensions.
package struct PrincipalComponents: Sendable, Equatable {
    /// The mean of the rows, [D].
    package let mean: Tensor
    /// [R, D], orthonormal rows by decreasing variance, the largest entry of each positive. R is the number asked for,
    /// or less when the rows do not vary in so many directions.
    package let components: Tensor
    /// The variance along each component, [R] (the sum of squares divided by the number of rows).
    package let variances: [Double]
    /// The mean squared distance of a row from the mean; nil: it was not kept.
    package let totalVariance: Double?
    /// How many rows it was fitted to.
    package let fittedRows: Int

    /// Components that were fitted earlier and kept. The components must be orthonormal.
    package init(mean: Tensor, components: Tensor, variances: [Double], totalVariance: Double?, fittedRows: Int) {
        require(
            components.shape == [variances.count, mean.count],
            "components \(components.shape) with a mean of \(mean.count) and \(variances.count) variances")
        (self.mean, self.components, self.variances) = (mean, components, variances)
        (self.totalVariance, self.fittedRows) = (totalVariance, fittedRows)
    }

    /// The codes of rows [N, D]: (x - mean) C^T, [N, R].
    package func codes(of rows: Tensor, in context: ComputeContext) -> Tensor {
        require(
            rows.shape.columns == mean.count, "components of \(mean.count) numbers applied to rows \(rows.shape)")
        guard components.shape.rows > 0 else { return Tensor(zeros: [rows.shape.rows, 0]) }
        let centered = rows.less(mean.values, in: context)
        return MatrixProduct.multiply(centered, components, transposeB: true, in: context)
    }

    /// Rows [N, D] from codes [N, R]: mean + code C.
    package func rows(from codes: Tensor, in context: ComputeContext) -> Tensor {
        require(
            codes.shape.columns == components.shape.rows,
            "\(components.shape.rows) components, but codes of shape \(codes.shape)")
        if components.shape.rows == 0 {
            return Tensor(zeros: [codes.shape.rows, mean.count]).less(mean.values.map { -$0 }, in: context)
        }
        return MatrixProduct.multiply(codes, PackedMatrix(components, in: context), bias: mean, in: context)
    }

    /// The mean over all rows and columns of the squared difference between a row and what its code gives back:
    /// `pca_mse` on held-out pictures. Cost: 4 N D R operations; memory: one block of rows.
    package func meanSquaredError(of source: RowSource, in context: ComputeContext) throws -> Double {
        require(
            source.columns == mean.count, "components of \(mean.count) numbers applied to rows of \(source.columns)")
        guard source.count > 0 else { throw AnalysisError.tooFew(what: "rows", found: 0, needed: 1) }
        let blockRows = CenteredBlocks.blockRows(columns: source.columns)
        var total = 0.0
        for start in stride(from: 0, to: source.count, by: blockRows) {
            let block = try source.block(Array(start..<min(source.count, start + blockRows)), in: context)
            let back = rows(from: codes(of: block, in: context), in: context)
            total += context.map(block, back, context.kernels.subtract).sumOfSquares(in: context)
        }
        return total / (Double(source.count) * Double(max(1, source.columns)))
    }

    /// Two-dimensional positions [N, 2] of codes [N, K]: their first two principal components. A direction in which
    /// they do not vary gives zeros. Where a position would leave single precision, all are smaller by a power of two.
    package static func map(_ codes: Tensor, in context: ComputeContext) throws -> Tensor {
        let count = codes.shape.rows
        var positions = Tensor(zeros: [count, 2])
        guard count > 0, codes.shape.columns > 0 else { return positions }
        let (codes, power) = codes.withoutHugeNumbers
        let fitted = try fit(RowSource(codes), components: 2, in: context)
        let projected = fitted.codes(of: codes, in: context), columns = projected.shape.columns
        positions.withUnsafeMutablePointer { target in
            projected.withUnsafePointer { source in
                for row in 0..<count {
                    for axis in 0..<columns { target[row * 2 + axis] = source[row * columns + axis] }
                }
            }
        }
        return positions.scaled(byPower: power)
    }
}

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
        /// Seed of the random vectors that the iteration starts from.
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
