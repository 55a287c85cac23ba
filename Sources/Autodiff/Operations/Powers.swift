public import TensorCore

/// exp x, with x taken to lie within ±87 so that the result is neither infinite nor denormal.
public struct Exponential: Operation {
    public init() {}

    public func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        let y = context.map(inputs[0], context.kernels.exp)
        return ([y], y)
    }

    public func backward(_ gradients: [Tensor?], saved y: Tensor, wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        [gradients[0].map { context.map(y, $0, context.kernels.multiply) }]
    }
}

/// The natural logarithm; minus infinity at zero, not a number below.
public struct Logarithm: Operation {
    public init() {}

    public func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        ([context.map(inputs[0], context.kernels.log)], inputs[0])
    }

    public func backward(_ gradients: [Tensor?], saved x: Tensor, wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        [gradients[0].map { context.map($0, x, context.kernels.divide) }]
    }
}

/// x²; the derivative is 2x.
public struct Square: Operation {
    public init() {}

    public func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        ([context.map(inputs[0], inputs[0], context.kernels.multiply)], inputs[0])
    }

    public func backward(_ gradients: [Tensor?], saved x: Tensor, wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        [gradients[0].map { context.map(context.affine(x, scale: 2), $0, context.kernels.multiply) }]
    }
}

/// √x; the derivative is 1 / (2y), infinite at zero.
public struct SquareRoot: Operation {
    public init() {}

    public func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        let y = context.map(inputs[0], context.kernels.square_root)
        return ([y], y)
    }

    public func backward(_ gradients: [Tensor?], saved y: Tensor, wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        [gradients[0].map { context.map($0, context.affine(y, scale: 2), context.kernels.divide) }]
    }
}

extension Variable {
    public func exp() -> Variable { tape(Exponential(), self) }
    public func log() -> Variable { tape(Logarithm(), self) }
    public func squared() -> Variable { tape(Square(), self) }
    public func squareRoot() -> Variable { tape(SquareRoot(), self) }
}
