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
    /// The number added to each element.
    public static func + (x: Variable, number: Float) -> Variable { x.tape(ScaleAndShift(shift: number), x) }
    /// The number added to each element.
    public static func + (number: Float, x: Variable) -> Variable { x + number }
    /// The number subtracted from each element.
    public static func - (x: Variable, number: Float) -> Variable { x + -number }
    /// Each element subtracted from the number.
    public static func - (number: Float, x: Variable) -> Variable {
        x.tape(ScaleAndShift(scale: -1, shift: number), x)
    }
    /// Each element times the number.
    public static func * (x: Variable, number: Float) -> Variable { x.tape(ScaleAndShift(scale: number), x) }
    /// Each element times the number.
    public static func * (number: Float, x: Variable) -> Variable { x * number }
    /// Times the rounded reciprocal.
    public static func / (x: Variable, number: Float) -> Variable { x * (1 / number) }
    /// The number divided by each element.
    public static func / (number: Float, x: Variable) -> Variable {
        x.tape.constant(Tensor(repeating: number, shape: x.shape)) / x
    }
    /// Each element with the other sign.
    public static prefix func - (x: Variable) -> Variable { x * -1 }
}
