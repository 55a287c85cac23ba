import CKernels
package import TensorCore

/// a + b, equal shapes.
package struct Add: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Void) {
        ([context.map(inputs[0], inputs[1], context.kernels.add)], ())
    }

    package func backward(_ gradients: [Tensor?], saved: Void, wanted: [Bool], in context: ComputeContext) -> [Tensor?]
    {
        [gradients[0], gradients[0]]
    }
}

/// a - b, equal shapes.
package struct Subtract: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Void) {
        ([context.map(inputs[0], inputs[1], context.kernels.subtract)], ())
    }

    package func backward(_ gradients: [Tensor?], saved: Void, wanted: [Bool], in context: ComputeContext) -> [Tensor?]
    {
        guard let g = gradients[0] else { return [nil, nil] }
        return [g, wanted[1] ? context.affine(g, scale: -1) : nil]
    }
}

/// a b, element by element, equal shapes.
package struct Multiply: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: [Tensor]) {
        ([context.map(inputs[0], inputs[1], context.kernels.multiply)], inputs)
    }

    package func backward(_ gradients: [Tensor?], saved: [Tensor], wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        guard let g = gradients[0] else { return [nil, nil] }
        return [
            wanted[0] ? context.map(g, saved[1], context.kernels.multiply) : nil,
            wanted[1] ? context.map(g, saved[0], context.kernels.multiply) : nil,
        ]
    }
}

/// y = a / b, element by element, equal shapes: da = dy / b, db = -y dy / b.
package struct Divide: Operation {
    package init() {}

    package func forward(
        _ inputs: [Tensor], in context: ComputeContext
    ) -> (outputs: [Tensor], saved: (y: Tensor, b: Tensor)) {
        let y = context.map(inputs[0], inputs[1], context.kernels.divide)
        return ([y], (y, inputs[1]))
    }

    package func backward(
        _ gradients: [Tensor?], saved: (y: Tensor, b: Tensor), wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let g = gradients[0] else { return [nil, nil] }
        let quotient = context.map(g, saved.b, context.kernels.divide)
        guard wanted[1] else { return [quotient, nil] }
        let negative = context.affine(quotient, scale: -1)
        return [quotient, context.map(negative, saved.y, context.kernels.multiply)]
    }
}

extension Variable {
    /// Element by element, of one shape: nothing broadcasts by itself (``broadcast(to:)``).
    public static func + (a: Variable, b: Variable) -> Variable { a.tape(Add(), a, b) }
    /// Element by element, of one shape.
    public static func - (a: Variable, b: Variable) -> Variable { a.tape(Subtract(), a, b) }
    /// Element by element; ``multiplied(by:transposeSelf:transposeOther:)`` is the matrix product.
    public static func * (a: Variable, b: Variable) -> Variable { a.tape(Multiply(), a, b) }
    /// Element by element, of one shape.
    public static func / (a: Variable, b: Variable) -> Variable { a.tape(Divide(), a, b) }
}
