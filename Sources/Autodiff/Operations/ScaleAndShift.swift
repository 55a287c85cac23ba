package import TensorCore

/// scale x + shift with two numbers, rounded once.
package struct ScaleAndShift: Operation {
    package let scale: Float
    package let shift: Float

    package init(scale: Float = 1, shift: Float = 0) {
        self.scale = scale
        self.shift = shift
    }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Void) {
        ([context.affine(inputs[0], scale: scale, shift: shift)], ())
    }

    package func backward(_ gradients: [Tensor?], saved: Void, wanted: [Bool], in context: ComputeContext) -> [Tensor?]
    {
        [scale == 1 ? gradients[0] : gradients[0].map { context.affine($0, scale: scale) }]
    }
}

extension Variable {
    public static func + (x: Variable, number: Float) -> Variable { x.tape(ScaleAndShift(shift: number), x) }
    public static func + (number: Float, x: Variable) -> Variable { x + number }
    public static func - (x: Variable, number: Float) -> Variable { x + -number }
    public static func - (number: Float, x: Variable) -> Variable {
        x.tape(ScaleAndShift(scale: -1, shift: number), x)
    }
    public static func * (x: Variable, number: Float) -> Variable { x.tape(ScaleAndShift(scale: number), x) }
    public static func * (number: Float, x: Variable) -> Variable { x * number }
    /// Times the rounded reciprocal.
    public static func / (x: Variable, number: Float) -> Variable { x * (1 / number) }
    public static func / (number: Float, x: Variable) -> Variable {
        x.tape.constant(Tensor(repeating: number, shape: x.shape)) / x
    }
    public static prefix func - (x: Variable) -> Variable { x * -1 }
}
