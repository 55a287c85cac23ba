import Requirements
package import TensorCore

/// Joins tensors along the first axis; the other dimensions are equal.
package struct Concatenate: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: [Shape]) {
        let shapes = inputs.map(\.shape)
        require(!shapes.isEmpty && shapes[0].rank > 0, "nothing to concatenate, or scalars: \(shapes)")
        let rest = Array(shapes[0].dimensions.dropFirst())
        require(
            shapes.allSatisfy { $0.rank > 0 && Array($0.dimensions.dropFirst()) == rest },
            "concatenation along the first axis of shapes \(shapes)")
        var y = Tensor(uninitialized: Shape([shapes.reduce(0) { $0 + $1[0] }] + rest), in: context.workspace)
        var target = y.mutablePointer
        for x in inputs {
            x.withUnsafePointer { target.update(from: $0, count: x.count) }
            target += x.count
        }
        return ([y], shapes)
    }

    package func backward(
        _ gradients: [Tensor?], saved shapes: [Shape], wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let g = gradients[0] else { return shapes.map { _ in nil } }
        var offset = 0
        return zip(shapes, wanted).map { shape, wanted in
            defer { offset += shape.count }
            guard wanted else { return nil }
            var dx = Tensor(uninitialized: shape, in: context.workspace)
            let target = dx.mutablePointer
            g.withUnsafePointer { target.update(from: $0 + offset, count: shape.count) }
            return dx
        }
    }
}

extension Variable {
    /// Joined along the first axis.
    public static func concatenate(_ parts: [Variable]) -> Variable {
        require(!parts.isEmpty, "nothing to concatenate")
        return parts[0].tape.apply(Concatenate(), to: parts)[0]
    }

    /// Equal shapes joined along a new first axis: T times [N, H] to [T, N, H].
    public static func stack(_ parts: [Variable]) -> Variable {
        require(!parts.isEmpty, "nothing to stack")
        let shape = parts[0].shape
        require(parts.allSatisfy { $0.shape == shape }, "a stack of shapes \(parts.map(\.shape))")
        return concatenate(parts.map { $0.reshaped(to: Shape([1] + shape.dimensions)) })
    }
}
