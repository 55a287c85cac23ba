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

extension Tensor {
    /// Divided by 2 to a power, where numbers are so large that sums of their squares would leave single precision: no
    /// digit changes. Numbers below 2^40 stay as they are, and the power is 0.
    var withoutHugeNumbers: (tensor: Tensor, power: Int) {
        let largest = largestMagnitude
        guard largest.isFinite, largest >= 0x1p40 else { return (self, 0) }
        let power = Int(largest.exponent) - 39
        return (scaled(byPower: -power), power)
    }

    /// Multiplied by 2 to a power, or to a smaller one that leaves all numbers finite.
    func scaled(byPower power: Int) -> Tensor {
        let largest = largestMagnitude
        guard power != 0, largest > 0 else { return self }
        let factor = Float(sign: .plus, exponent: min(power, 126 - Int(largest.exponent)), significand: 1)
        return Tensor(values.map { $0 * factor }, shape: shape)
    }

    private var largestMagnitude: Float {
        withUnsafePointer { p in (0..<count).reduce(0) { max($0, abs(p[$1])) } }
    }

    /// Single-precision numbers next to these.
    init(rounding values: [Double], shape: Shape) {
        require(values.count == shape.count, "\(values.count) values for a tensor of shape \(shape)")
        self.init(uninitialized: shape)
        withUnsafeMutablePointer { p in for index in values.indices { p[index] = Float(values[index]) } }
    }

    /// The mean of each column, summed in double precision, row after row; zeros for no rows.
    var columnMeans: [Double] {
        let columns = shape.columns, rows = shape.rows
        var sums = [Double](repeating: 0, count: columns)
        withUnsafePointer { p in
            for row in 0..<rows {
                for column in 0..<columns { sums[column] += Double(p[row * columns + column]) }
            }
        }
        return sums.map { $0 / Double(max(1, rows)) }
    }

    func largestDifference(from center: [Double]) -> Double {
        let columns = shape.columns
        return withUnsafePointer { p in
            var largest = 0.0
            for row in 0..<shape.rows {
                for column in 0..<columns {
                    largest = max(largest, abs(Double(p[row * columns + column]) - center[column]))
                }
            }
            return largest
        }
    }

    /// The squared length of each row, rounded once.
    var rowSquares: [Float] {
        let columns = shape.columns
        return withUnsafePointer { p in
            (0..<shape.rows).map { row in
                var sum = 0.0
                for column in 0..<columns {
                    sum += Double(p[row * columns + column]) * Double(p[row * columns + column])
                }
                return Float(sum)
            }
        }
    }

    func less(_ center: [Double], times scale: Double) -> Tensor {
        let columns = shape.columns
        var result = Tensor(uninitialized: [shape.rows, columns])
        let target = result.mutablePointer
        withUnsafePointer { p in
            for row in 0..<shape.rows {
                for column in 0..<columns {
                    target[row * columns + column] = Float((Double(p[row * columns + column]) - center[column]) * scale)
                }
            }
        }
        return result
    }

    /// Rows of zeros stay.
    var withRowsOfLengthOne: Tensor {
        let columns = shape.columns
        var result = Tensor(uninitialized: [shape.rows, columns])
        let target = result.mutablePointer
        withUnsafePointer { p in
            for row in 0..<shape.rows {
                let source = p + row * columns
                var square = 0.0
                for column in 0..<columns { square += Double(source[column]) * Double(source[column]) }
                let factor = square > 0 ? 1 / square.squareRoot() : 0
                for column in 0..<columns { target[row * columns + column] = Float(Double(source[column]) * factor) }
            }
        }
        return result
    }
}
