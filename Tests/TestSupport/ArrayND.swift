/// A row-major array of Doubles: the oracles' only data type, kept apart from the engine's tensor on purpose.
public struct ArrayND: Equatable, Sendable {
    public let shape: [Int]
    /// As many as the product of `shape`, last axis fastest.
    public var values: [Double] {
        didSet { precondition(values.count == oldValue.count, "\(values.count) values for shape \(shape)") }
    }

    public init(shape: [Int], values: [Double]) {
        precondition(
            values.count == shape.reduce(1, *), "\(values.count) values do not fill shape \(shape)")
        self.shape = shape
        self.values = values
    }

    /// Single precision widened: the oracle starts from exactly what the engine sees.
    public init(shape: [Int], floats: [Float]) {
        self.init(shape: shape, values: floats.map(Double.init))
    }

    public init(repeating value: Double = 0, shape: [Int]) {
        self.init(shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
    }

    public var count: Int { values.count }

    /// The values rounded to single precision, as the engine takes them.
    public var floats: [Float] { values.map(Float.init) }

    /// The values as ids; every one must be a whole number.
    public var integers: [Int] {
        values.map { value in
            precondition(value == value.rounded(), "\(value) is no id")
            return Int(value)
        }
    }

    /// The only value of an array that has one.
    public var scalar: Double {
        precondition(values.count == 1, "shape \(shape) is no scalar")
        return values[0]
    }

    public subscript(indices: Int...) -> Double {
        get { values[offset(of: indices)] }
        set { values[offset(of: indices)] = newValue }
    }

    private func offset(of indices: [Int]) -> Int {
        precondition(indices.count == shape.count, "\(indices) does not index shape \(shape)")
        return Swift.zip(indices, shape).reduce(0) { offset, axis in
            precondition((0..<axis.1).contains(axis.0), "\(indices) is outside shape \(shape)")
            return offset * axis.1 + axis.0
        }
    }

    public func reshaped(_ shape: [Int]) -> ArrayND { ArrayND(shape: shape, values: values) }

    /// The part at `index` of the first axis: [N, D] of a [T, N, D].
    public func part(_ index: Int) -> ArrayND {
        precondition((0..<shape[0]).contains(index), "no part \(index) in shape \(shape)")
        let size = shape.dropFirst().reduce(1, *)
        return ArrayND(shape: Array(shape.dropFirst()), values: Array(values[index * size..<(index + 1) * size]))
    }

    /// Parts `range` of the first axis: a shorter window of a [T, N, D].
    public func parts(_ range: Range<Int>) -> ArrayND {
        .stack(range.map(part))
    }

    /// Equal shapes joined along a new first axis: T times [N, H] to [T, N, H].
    public static func stack(_ parts: [ArrayND]) -> ArrayND {
        precondition(!parts.isEmpty, "nothing to stack")
        precondition(parts.allSatisfy { $0.shape == parts[0].shape }, "stack of \(parts.map(\.shape))")
        return ArrayND(shape: [parts.count] + parts[0].shape, values: parts.flatMap(\.values))
    }

    public func map(_ function: (Double) -> Double) -> ArrayND {
        ArrayND(shape: shape, values: values.map(function))
    }

    /// Combines equal shapes element by element.
    public func zip(_ other: ArrayND, _ function: (Double, Double) -> Double) -> ArrayND {
        precondition(shape == other.shape, "shapes \(shape) and \(other.shape) differ")
        return ArrayND(shape: shape, values: Swift.zip(values, other.values).map(function))
    }

    /// Sum of products: turns an output into a scalar loss whose gradient with respect to it is `other`.
    public func dot(_ other: ArrayND) -> Double {
        zip(other, *).values.reduce(0, +)
    }
}
