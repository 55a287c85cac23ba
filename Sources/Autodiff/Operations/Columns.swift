import Requirements
package import TensorCore

/// Columns `range` of the last axis: [..., C] to [..., range.count]. The gradient is zero elsewhere.
package struct ColumnSlice: Operation {
    package let range: Range<Int>

    package init(_ range: Range<Int>) { self.range = range }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Shape) {
        let x = inputs[0]
        require(
            x.shape.rank > 0 && range.lowerBound >= 0 && range.upperBound <= x.shape.columns,
            "columns \(range) of a tensor of shape \(x.shape)")
        var y = Tensor(
            uninitialized: Shape(x.shape.dimensions.dropLast() + [range.count]), in: context.workspace)
        copyColumns(of: x, from: range.lowerBound, into: &y, at: 0, width: range.count)
        return ([y], x.shape)
    }

    package func backward(
        _ gradients: [Tensor?], saved shape: Shape, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let g = gradients[0] else { return [nil] }
        var dx = Tensor(zeros: shape, in: context.workspace)
        copyColumns(of: g, from: 0, into: &dx, at: range.lowerBound, width: range.count)
        return [dx]
    }
}

/// Joins tensors along the last axis; the leading dimensions are equal.
package struct ConcatenateColumns: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: [Shape]) {
        let shapes = inputs.map(\.shape)
        require(!shapes.isEmpty && shapes[0].rank > 0, "nothing to concatenate, or scalars: \(shapes)")
        let leading = Array(shapes[0].dimensions.dropLast())
        require(
            shapes.allSatisfy { $0.rank > 0 && Array($0.dimensions.dropLast()) == leading },
            "concatenation of columns of shapes \(shapes)")
        var y = Tensor(uninitialized: Shape(leading + [shapes.reduce(0) { $0 + $1.columns }]), in: context.workspace)
        var first = 0
        for x in inputs {
            copyColumns(of: x, from: 0, into: &y, at: first, width: x.shape.columns)
            first += x.shape.columns
        }
        return ([y], shapes)
    }

    package func backward(
        _ gradients: [Tensor?], saved shapes: [Shape], wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let g = gradients[0] else { return shapes.map { _ in nil } }
        var first = 0
        return zip(shapes, wanted).map { shape, wanted in
            defer { first += shape.columns }
            guard wanted else { return nil }
            var dx = Tensor(uninitialized: shape, in: context.workspace)
            copyColumns(of: g, from: first, into: &dx, at: 0, width: shape.columns)
            return dx
        }
    }
}

/// Copies `width` columns of every row; the two tensors have as many rows.
private func copyColumns(of source: Tensor, from first: Int, into target: inout Tensor, at other: Int, width: Int) {
    let sourceColumns = source.shape.columns, targetColumns = target.shape.columns
    let rows = width == 0 ? 0 : source.count / sourceColumns
    target.withUnsafeMutablePointer { target in
        source.withUnsafePointer { source in
            for row in 0..<rows {
                (target + row * targetColumns + other).update(from: source + row * sourceColumns + first, count: width)
            }
        }
    }
}

extension Variable {
    /// Columns `range` of the last axis.
    public func columns(_ range: Range<Int>) -> Variable { tape(ColumnSlice(range), self) }

    /// Joined along the last axis.
    public static func concatenate(columns parts: [Variable]) -> Variable {
        require(!parts.isEmpty, "nothing to concatenate")
        return parts[0].tape.apply(ConcatenateColumns(), to: parts)[0]
    }
}
