import Requirements

/// The sizes of a tensor's dimensions, outermost first. A scalar has none.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    public let dimensions: [Int]

    public init(_ dimensions: [Int]) {
        require(dimensions.allSatisfy { $0 >= 0 }, "a dimension cannot be negative: \(dimensions)")
        self.dimensions = dimensions
    }

    public init(arrayLiteral elements: Int...) { self.init(elements) }

    public var rank: Int { dimensions.count }
    /// Elements: the product of the dimensions, 1 for a scalar.
    public var count: Int { dimensions.reduce(1, *) }
    public subscript(axis: Int) -> Int { dimensions[axis < 0 ? rank + axis : axis] }
    /// Elements per row when all but the last dimension are folded into one; 1 for a scalar.
    public var columns: Int { dimensions.last ?? 1 }
    /// All but the last dimension folded into one.
    public var rows: Int { dimensions.dropLast().reduce(1, *) }

    public var description: String { "[" + dimensions.map(String.init).joined(separator: ", ") + "]" }
}
