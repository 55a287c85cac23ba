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
