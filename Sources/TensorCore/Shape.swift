import Requirements

/// The sizes of a tensor's dimensions, outermost first. A scalar has none.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    /// The sizes, outermost first.
    public let dimensions: [Int]
    /// Elements: the product of the dimensions, 1 for a scalar.
    public let count: Int

    /// - Precondition: no dimension is negative, and a tensor of this shape could be addressed.
    public init(_ dimensions: [Int]) {
        require(dimensions.allSatisfy { $0 >= 0 }, "a dimension cannot be negative: \(dimensions)")
        var count = 1
        for dimension in dimensions where dimension > 0 {
            let (product, overflows) = count.multipliedReportingOverflow(by: dimension)
            require(!overflows, "no tensor has as many elements as the shape \(dimensions)")
            count = product
        }
        self.dimensions = dimensions
        self.count = dimensions.contains(0) ? 0 : count
    }

    /// `[60, 784]`.
    public init(arrayLiteral elements: Int...) { self.init(elements) }

    /// Dimensions.
    public var rank: Int { dimensions.count }
    /// The size along an axis; negative ones count from the last.
    public subscript(axis: Int) -> Int {
        let index = axis < 0 ? rank + axis : axis
        require(dimensions.indices.contains(index), "no axis \(axis) in shape \(self)")
        return dimensions[index]
    }
    /// Elements per row when all but the last dimension are folded into one; 1 for a scalar.
    public var columns: Int { dimensions.last ?? 1 }
    /// All but the last dimension folded into one.
    public var rows: Int { dimensions.dropLast().reduce(1, *) }

    /// `[60, 784]`.
    public var description: String { "[" + dimensions.map(String.init).joined(separator: ", ") + "]" }
}
