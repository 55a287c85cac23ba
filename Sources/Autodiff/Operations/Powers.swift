import CKernels
package import TensorCore

/// exp x, with x taken to lie within ±87 so that the result is neither infinite nor denormal.
package struct Exponential: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        let y = context.map(inputs[0], context.kernels.exp)
        return ([y], y)
    }

    package func backward(_ gradients: [Tensor?], saved y: Tensor, wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        [gradients[0].map { context.map(y, $0, context.kernels.multiply) }]
    }
}

/// The natural logarithm; minus infinity at zero, not a number below. Of numbers that are not normal it is rough.
package struct Logarithm: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        ([context.map(inputs[0], context.kernels.log)], inputs[0])
    }

    package func backward(_ gradients: [Tensor?], saved x: Tensor, wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        [gradients[0].map { context.map($0, x, context.kernels.divide) }]
    }
}

/// x²; the derivative is 2x.
package struct Square: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        ([context.map(inputs[0], inputs[0], context.kernels.multiply)], inputs[0])
    }

    package func backward(_ gradients: [Tensor?], saved x: Tensor, wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        [gradients[0].map { context.map(context.affine(x, scale: 2), $0, context.kernels.multiply) }]
    }
}

/// √x; the derivative is 1 / (2y), infinite at zero.
package struct SquareRoot: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        let y = context.map(inputs[0], context.kernels.square_root)
        return ([y], y)
    }

    package func backward(_ gradients: [Tensor?], saved y: Tensor, wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        [gradients[0].map { context.map($0, context.affine(y, scale: 2), context.kernels.divide) }]
    }
}

extension Variable {
    /// e to the power of each element x, which is taken to lie within ±87: of a larger one the result is e⁸⁷, a finite
    /// number.
    public func exp() -> Variable { tape(Exponential(), self) }
    /// The natural logarithm of each element; minus infinity of zero, not a number of less. Of a positive element below the
    /// least normal number, 1.2 · 10⁻³⁸, it is rough: of 10⁻⁴⁰, whose logarithm is -92.10, it is -88.02.
    public func log() -> Variable { tape(Logarithm(), self) }
    /// x² of each element x.
    public func squared() -> Variable { tape(Square(), self) }
    /// √x of each element x.
    public func squareRoot() -> Variable { tape(SquareRoot(), self) }
}
