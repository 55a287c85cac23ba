import Requirements

// What is done to the values of tensors outside of a network: preparing data, reading answers. One thread, and the same
// bits everywhere, since each result is rounded once from its operands.

extension Tensor {
    // MARK: Parts

    /// Part `index` along the first dimension, which disappears: [A, …] to […].
    public func row(_ index: Int) -> Tensor {
        rows(index..<index + 1).reshaped(to: Shape(Array(shape.dimensions.dropFirst())))
    }

    /// Parts `range` along the first dimension: [A, …] to [range.count, …]. Cost: a copy.
    public func rows(_ range: Range<Int>) -> Tensor { rows(Array(range)) }

    /// The parts at `indices` along the first dimension, in that order: [A, …] to [indices.count, …]. An index may stand
    /// in it more than once.
    public func rows(_ indices: [Int]) -> Tensor {
        require(shape.rank > 0, "a scalar has no rows")
        require(
            indices.allSatisfy { $0 >= 0 && $0 < shape[0] }, "a row outside of the \(shape[0]) of shape \(shape)")
        let size = shape.dimensions.dropFirst().reduce(1, *)
        var result = Tensor(uninitialized: Shape([indices.count] + shape.dimensions.dropFirst()))
        let target = result.mutablePointer
        withUnsafePointer { source in
            for (row, index) in indices.enumerated() {
                (target + row * size).update(from: source + index * size, count: size)
            }
        }
        return result
    }

    /// The position of the largest value along the last dimension, the first of several: [..., C] to as many numbers as
    /// there are rows. The class that a classifier says, from its logits. NaN is never the largest.
    public var argMax: [Int] {
        let columns = shape.columns
        require(columns > 0, "no largest value in shape \(shape)")
        return withUnsafePointer { values in
            (0..<shape.rows).map { row in
                var best = 0, largest = -Float.infinity
                for column in 0..<columns where values[row * columns + column] > largest {
                    (best, largest) = (column, values[row * columns + column])
                }
                return best
            }
        }
    }

    // MARK: Arithmetic

    /// A function of each value.
    @inlinable
    public func map(_ transform: (Float) throws -> Float) rethrows -> Tensor {
        var result = self
        let count = count
        try result.withUnsafeMutablePointer { values in
            for index in 0..<count { values[index] = try transform(values[index]) }
        }
        return result
    }

    /// Element by element.
    /// - Precondition: one shape.
    public static func + (a: Tensor, b: Tensor) -> Tensor { a.combined(with: b, +) }
    /// Element by element.
    /// - Precondition: one shape.
    public static func - (a: Tensor, b: Tensor) -> Tensor { a.combined(with: b, -) }
    /// Element by element; the matrix product is that of variables.
    /// - Precondition: one shape.
    public static func * (a: Tensor, b: Tensor) -> Tensor { a.combined(with: b, *) }
    /// Element by element.
    /// - Precondition: one shape.
    public static func / (a: Tensor, b: Tensor) -> Tensor { a.combined(with: b, /) }

    /// A number added to each value.
    public static func + (a: Tensor, number: Float) -> Tensor { a.map { $0 + number } }
    /// A number subtracted from each value.
    public static func - (a: Tensor, number: Float) -> Tensor { a.map { $0 - number } }
    /// Each value times a number.
    public static func * (a: Tensor, number: Float) -> Tensor { a.map { $0 * number } }
    /// Each value times a number.
    public static func * (number: Float, a: Tensor) -> Tensor { a.map { $0 * number } }
    /// Each value divided by a number.
    public static func / (a: Tensor, number: Float) -> Tensor { a.map { $0 / number } }

    @usableFromInline
    static func checkEqual(_ a: Shape, _ b: Shape) {
        require(a == b, "an operation on each element of shapes \(a) and \(b): they have to be equal")
    }

    @inline(__always)
    private func combined(with other: Tensor, _ operation: (Float, Float) -> Float) -> Tensor {
        Self.checkEqual(shape, other.shape)
        var result = self
        let count = count
        result.withUnsafeMutablePointer { a in
            other.withUnsafePointer { b in
                for index in 0..<count { a[index] = operation(a[index], b[index]) }
            }
        }
        return result
    }
}

// MARK: Matrices and sums

extension Tensor {
    /// The matrix product: [..., K] by [K, N] to [M, N], where M counts the rows of all leading dimensions. Each element is
    /// one sum in increasing k.
    ///
    /// Cost: 2 M N K operations.
    /// - Parameters:
    ///   - other: [K, N].
    ///   - transposeSelf: take this one as [K, M].
    ///   - transposeOther: take the other one as [N, K].
    ///   - context: what computes.
    public func multiplied(
        by other: Tensor, transposeSelf: Bool = false, transposeOther: Bool = false, in context: ComputeContext
    ) -> Tensor {
        MatrixProduct.multiply(self, transposeA: transposeSelf, other, transposeB: transposeOther, in: context)
    }

    /// Rows become columns: [M, N] to [N, M].
    public var transposed: Tensor {
        require(shape.rank == 2, "a matrix is transposed, not a tensor of shape \(shape)")
        let (rows, columns) = (shape[0], shape[1])
        var result = Tensor(uninitialized: [columns, rows])
        let target = result.mutablePointer
        withUnsafePointer { source in
            for row in 0..<rows {
                for column in 0..<columns { target[column * rows + row] = source[row * columns + column] }
            }
        }
        return result
    }

    /// Whether no element is infinite or not a number.
    package var isFinite: Bool {
        withUnsafePointer { UnsafeBufferPointer(start: $0, count: count).allSatisfy(\.isFinite) }
    }

    /// The sum of all values, made in double precision and in their order.
    public var sum: Double { withUnsafePointer { values in (0..<count).reduce(0) { $0 + Double(values[$1]) } } }

    /// The mean of all values; NaN where there are none.
    public var mean: Double { sum / Double(count) }

    /// The sum of each column over all rows: [..., N] to [N]. Made in double precision.
    public var columnSums: Tensor {
        let columns = shape.columns
        var sums = [Double](repeating: 0, count: columns)
        withUnsafePointer { values in
            for row in 0..<shape.rows {
                for column in 0..<columns { sums[column] += Double(values[row * columns + column]) }
            }
        }
        return Tensor(sums.map(Float.init), shape: [columns])
    }

    /// A one in the column of each id, zeros elsewhere: [N, classes] from N ids. A recurrent layer that is fed by an
    /// `Embedding` does not need it.
    /// - Parameters:
    ///   - ids: numbers in 0 ..< classes.
    ///   - shape: of the ids, [N] if nil; the result has one dimension more.
    ///   - classes: how many there are.
    public static func oneHot(_ ids: [some BinaryInteger], shape: Shape? = nil, classes: Int) -> Tensor {
        let shape = shape ?? [ids.count]
        require(shape.count == ids.count, "\(ids.count) ids for shape \(shape)")
        require(ids.allSatisfy { $0 >= 0 && $0 < classes }, "an id is outside of the \(classes) classes")
        var result = Tensor(zeros: Shape(shape.dimensions + [classes]))
        let target = result.mutablePointer
        for (row, id) in ids.enumerated() { target[row * classes + Int(id)] = 1 }
        return result
    }
}
