import CKernels
import Requirements
package import TensorCore

/// The linear code of least squared error: directions of largest variance (Pearson 1901; Hotelling 1933).
///
/// The baseline beside every autoencoder of the same code size, and the plain map of codes in two dimensions.
package struct PrincipalComponents: Sendable, Equatable {
    /// [D]
    package let mean: Tensor
    /// [R, D], orthonormal rows by decreasing variance, the largest entry of each positive. R is the number asked for,
    /// or less when the rows do not vary in so many directions.
    package let components: Tensor
    /// Along each component: the mean square of its code (divided by the number of rows).
    package let variances: [Double]
    /// The mean squared distance of a row from the mean.
    package let totalVariance: Double
    /// How many rows it was fitted to.
    package let fittedRows: Int

    /// Components that were fitted earlier and kept. The components must be orthonormal.
    package init(mean: Tensor, components: Tensor, variances: [Double], totalVariance: Double, fittedRows: Int) {
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
    /// they do not vary gives zeros.
    package static func map(_ codes: Tensor, in context: ComputeContext) throws -> Tensor {
        let count = codes.shape.rows
        var positions = Tensor(zeros: [count, 2])
        guard count > 0, codes.shape.columns > 0 else { return positions }
        let fitted = try fit(RowSource(codes), components: 2, in: context)
        let projected = fitted.codes(of: codes, in: context), columns = projected.shape.columns
        positions.withUnsafeMutablePointer { target in
            projected.withUnsafePointer { source in
                for row in 0..<count {
                    for axis in 0..<columns { target[row * 2 + axis] = source[row * columns + axis] }
                }
            }
        }
        return positions
    }
}
