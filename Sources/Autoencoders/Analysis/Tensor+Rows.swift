import Requirements
import TensorCore

extension Tensor {
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
