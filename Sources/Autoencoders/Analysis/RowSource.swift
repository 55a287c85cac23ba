import CKernels
import Requirements
package import TensorCore

/// Rows of numbers, one picture or code each, that are read in blocks when they are wanted: all of them need not fit
/// into memory.
///
/// `read` is given increasing row numbers and may be called for the same row again; it must then give the same
/// numbers.
package struct RowSource {
    package let count: Int
    package let columns: Int
    private let body: (_ rows: [Int]) throws -> Tensor

    /// - Parameter read: row numbers, increasing, to a tensor [rows, columns].
    package init(count: Int, columns: Int, read: @escaping (_ rows: [Int]) throws -> Tensor) {
        require(count >= 0 && columns >= 0, "\(count) rows of \(columns) columns")
        self.count = count
        self.columns = columns
        body = read
    }

    /// The rows of a matrix [N, D]; leading dimensions are folded into rows.
    package init(_ matrix: Tensor) {
        self.init(count: matrix.shape.rows, columns: matrix.shape.columns) { matrix.rows(numbered: $0) }
    }

    /// - Throws: what reading throws, and ``AnalysisError/notFinite(row:what:)``.
    package func block(_ rows: [Int], in context: ComputeContext) throws -> Tensor {
        let block = try body(rows)
        require(
            block.shape == [rows.count, columns],
            "a block of \(rows.count) rows of \(columns) was read as \(block.shape)")
        if let index = block.firstRowNotFinite(in: context) {
            throw AnalysisError.notFinite(row: rows[index], what: "row")
        }
        return block
    }

    /// At most this many row numbers, spread evenly from first to last: a folder's classes keep their shares.
    package func spread(atMost limit: Int) -> [Int] {
        let taken = min(count, limit)
        return (0..<taken).map { $0 * count / taken }
    }
}

extension Tensor {
    /// The rows with these numbers, as a matrix.
    func rows(numbered numbers: [Int]) -> Tensor {
        let columns = shape.columns
        var result = Tensor(uninitialized: [numbers.count, columns])
        let target = result.mutablePointer
        withUnsafePointer { source in
            for (index, row) in numbers.enumerated() {
                (target + index * columns).update(from: source + row * columns, count: columns)
            }
        }
        return result
    }

    /// The first row [..., columns] that holds a NaN or an infinity. Cost: one reading.
    package func firstRowNotFinite(in context: ComputeContext) -> Int? {
        let columns = shape.columns, kernels = context.kernels
        return withUnsafePointer { p in
            (0..<shape.rows).first { row in
                let start = p + row * columns
                // The sum of squares may overflow although all numbers are finite: then each is looked at.
                if kernels.sum_of_squares(start, columns).isFinite { return false }
                return (0..<columns).contains { !start[$0].isFinite }
            }
        }
    }
}
