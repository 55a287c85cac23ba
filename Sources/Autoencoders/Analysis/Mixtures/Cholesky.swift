import Requirements

/// The factor L of a symmetric positive definite matrix A = L L^T, in double precision.
package struct Cholesky {
    /// [n, n], row-major, zeros above the diagonal.
    package let factor: [Double]

    /// Nil where the matrix is not positive definite in double precision. Cost: n^3 / 3 operations.
    package init?(_ matrix: [Double], size n: Int) {
        require(matrix.count == n * n, "\(matrix.count) numbers for a matrix of \(n) x \(n)")
        var l = [Double](repeating: 0, count: n * n)
        for i in 0..<n {
            for j in 0...i {
                var sum = matrix[i * n + j]
                for k in 0..<j { sum -= l[i * n + k] * l[j * n + k] }
                if i == j {
                    guard sum > 0, sum.isFinite else { return nil }
                    l[i * n + i] = sum.squareRoot()
                } else {
                    l[i * n + j] = sum / l[j * n + j]
                }
            }
        }
        factor = l
    }

    /// L^-1 of a lower triangular L, [n, n]. Cost: n^3 / 3 operations.
    package static func inverse(of factor: [Double], size n: Int) -> [Double] {
        var inverse = [Double](repeating: 0, count: n * n)
        for column in 0..<n {
            inverse[column * n + column] = 1 / factor[column * n + column]
            for i in column + 1..<max(n, column + 1) {
                var sum = 0.0
                for k in column..<i { sum -= factor[i * n + k] * inverse[k * n + column] }
                inverse[i * n + column] = sum / factor[i * n + i]
            }
        }
        return inverse
    }
}
