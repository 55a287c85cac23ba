import CKernels
import TensorCore

/// An orthonormal basis of the space that some long vectors span.
enum OrthonormalRows {
    private static let block = 32
    /// Less than this share of a vector outside of the others is rounding: the vector is dropped.
    private static let dependent = 1e-5

    /// Block Gram-Schmidt, every block twice ("twice is enough": Giraud, Langou & Rozloznik 2005): projections on the
    /// blocks before it as matrix products, inside of a block vector by vector with sums in double precision.
    ///
    /// - Parameter vectors: [L, D].
    /// - Returns: [R, D], R <= L: vectors that depend on earlier ones are left out. Cost: 8 L^2 D operations.
    static func basis(of vectors: Tensor, in context: ComputeContext) -> Tensor {
        let count = vectors.shape.rows, columns = vectors.shape.columns
        var basis = Tensor(zeros: [0, columns])
        for first in stride(from: 0, to: count, by: block) {
            var rows = vectors.rows(first..<min(count, first + block))
            for _ in 0..<2 {
                // Before anything is taken away, and 1 the second time.
                let lengths = (0..<rows.shape.rows).map { rows.dot($0, $0).squareRoot() }
                if basis.shape.rows > 0 {
                    let shares = MatrixProduct.multiply(rows, basis, transposeB: true, in: context)
                    let inside = MatrixProduct.multiply(shares, basis, in: context)
                    rows = context.map(rows, inside, context.kernels.subtract)
                }
                orthonormalize(&rows, lengths)
            }
            basis = basis.appending(rows, where: (0..<rows.shape.rows).map { rows.dot($0, $0) > 0.5 })
        }
        return basis
    }

    /// Modified Gram-Schmidt; a dependent vector becomes zero.
    private static func orthonormalize(_ rows: inout Tensor, _ lengths: [Double]) {
        for i in 0..<rows.shape.rows {
            for j in 0..<i { rows.add(-rows.dot(i, j), row: j, to: i) }
            let length = rows.dot(i, i).squareRoot()
            rows.scale(i, by: length > dependent * lengths[i] && length > 0 ? 1 / length : 0)
        }
    }
}

extension Tensor {
    /// Consecutive rows, as a matrix.
    func rows(_ range: Range<Int>) -> Tensor { rows(numbered: Array(range)) }

    fileprivate func appending(_ rows: Tensor, where isWanted: [Bool]) -> Tensor {
        let columns = shape.columns, kept = isWanted.indices.filter { isWanted[$0] }
        var result = Tensor(uninitialized: [shape.rows + kept.count, columns])
        let target = result.mutablePointer
        withUnsafePointer { target.update(from: $0, count: count) }
        rows.withUnsafePointer { source in
            for (index, row) in kept.enumerated() {
                (target + (shape.rows + index) * columns).update(from: source + row * columns, count: columns)
            }
        }
        return result
    }

    /// The scalar product of two rows: eight sums in double precision, then theirs.
    fileprivate func dot(_ i: Int, _ j: Int) -> Double {
        let columns = shape.columns
        return withUnsafePointer { p in
            let a = p + i * columns, b = p + j * columns
            var sums = SIMD8<Double>.zero
            for k in stride(from: 0, to: columns - 7, by: 8) {
                let x = UnsafeRawPointer(a + k).loadUnaligned(as: SIMD8<Float>.self)
                let y = UnsafeRawPointer(b + k).loadUnaligned(as: SIMD8<Float>.self)
                sums += SIMD8<Double>(x) * SIMD8<Double>(y)
            }
            var total = 0.0
            for lane in 0..<8 { total += sums[lane] }
            for k in columns / 8 * 8..<columns { total += Double(a[k]) * Double(b[k]) }
            return total
        }
    }

    fileprivate mutating func add(_ factor: Double, row source: Int, to target: Int) {
        let columns = shape.columns, factor = Float(factor)
        withUnsafeMutablePointer { p in
            let x = p + source * columns, y = p + target * columns
            for k in 0..<columns { y[k] += factor * x[k] }
        }
    }

    fileprivate mutating func scale(_ row: Int, by factor: Double) {
        let columns = shape.columns, factor = Float(factor)
        withUnsafeMutablePointer { p in
            for k in row * columns..<(row + 1) * columns { p[k] *= factor }
        }
    }
}
