import CKernels
package import TensorCore

/// tanh x; its derivative from the result, 1 - y².
package struct Tanh: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        let y = context.map(inputs[0], context.kernels.tanh)
        return ([y], y)
    }

    package func backward(_ gradients: [Tensor?], saved y: Tensor, wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        [gradients[0].map { context.map(y, $0, context.kernels.tanh_gradient) }]
    }
}

/// 1 / (1 + exp(-x)); its derivative from the result, y (1 - y).
package struct Sigmoid: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        let y = context.map(inputs[0], context.kernels.sigmoid)
        return ([y], y)
    }

    package func backward(_ gradients: [Tensor?], saved y: Tensor, wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        [gradients[0].map { context.map(y, $0, context.kernels.sigmoid_gradient) }]
    }
}

/// x above zero, slope x below: ReLU with slope 0, the leaky form otherwise (Maas et al., 2013). The derivative at
/// zero is the slope.
package struct RectifiedLinear: Operation {
    package let slope: Float

    package init(slope: Float = 0) { self.slope = slope }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        let kernels = context.kernels
        return ([context.map(inputs[0]) { kernels.relu($0, slope, $1, $2) }], inputs[0])
    }

    package func backward(_ gradients: [Tensor?], saved x: Tensor, wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        let kernels = context.kernels
        return [gradients[0].map { g in context.map(x, g) { kernels.relu_gradient($0, slope, $1, $2, $3) } }]
    }
}

/// x Φ(x) with the Gaussian distribution function itself, not its tanh approximation (Hendrycks & Gimpel, 2016).
package struct GELU: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        ([context.map(inputs[0], context.kernels.gelu)], inputs[0])
    }

    package func backward(_ gradients: [Tensor?], saved x: Tensor, wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        [gradients[0].map { context.map(x, $0, context.kernels.gelu_gradient) }]
    }
}

extension Variable {
    /// tanh of each element.
    public func tanh() -> Variable { tape(Tanh(), self) }
    /// 1 / (1 + exp(-x)) of each element x.
    public func sigmoid() -> Variable { tape(Sigmoid(), self) }
    /// max(x, 0) of each element x; the derivative at 0 is 0.
    public func relu() -> Variable { tape(RectifiedLinear(), self) }
    /// x above zero, slope x below (Maas et al., 2013).
    public func leakyReLU(slope: Float = 0.01) -> Variable { tape(RectifiedLinear(slope: slope), self) }
    /// x Φ(x) of each element x, Φ the Gaussian distribution function (Hendrycks & Gimpel, 2016).
    public func gelu() -> Variable { tape(GELU(), self) }
}
