import Autodiff
package import Kernels
import Requirements
package import TensorCore

/// y = f(x ∗ w + b) and its transpose, one operation with the roles of the tensors exchanged.
///
/// A convolution gathers from the big plane into the small one; its input gradient gathers back, its weight gradient is
/// the sum of outer products of the two. A transposed convolution is the same with forward pass and input gradient
/// exchanged. Shapes: x [B, C, H, W, 16]; w [O, I, kH, kW], transposed [I, O, kH, kW]; b [O].
package struct Convolution: Operation {
    let geometry: ConvolutionGeometry
    let isTransposed: Bool
    let activation: FusedActivation
    let precision: ProductPrecision
    let plans: ConvolutionPlans
    /// The weight's version: its packs are made again when it changes.
    let version: Int

    /// - Parameter precision: of the products that are worth it in half precision (``ConvolutionPlan``), also in the
    ///   backward pass.
    package init(
        geometry: ConvolutionGeometry, isTransposed: Bool, activation: FusedActivation,
        precision: ProductPrecision = .single, plans: ConvolutionPlans, version: Int
    ) {
        self.geometry = geometry
        self.isTransposed = isTransposed
        self.activation = activation
        self.precision = precision
        self.plans = plans
        self.version = version
    }

    package struct Saved {
        let x: Tensor
        let w: Tensor
        /// The result, if the derivative of the activation needs it.
        let y: Tensor?
        let plan: ConvolutionPlan
    }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Saved) {
        let x = inputs[0], w = inputs[1]
        let size = Size2D(height: x.shape[2], width: x.shape[3]), input = w.shape[isTransposed ? 0 : 1]
        require(
            x.shape[1] == input, "input of shape \(x.shape) for a weight of \(w.shape): \(input) channels wanted")
        let output = isTransposed ? geometry.transposedOutputSize(of: size) : geometry.outputSize(of: size)
        let plan = plans.plan(
            ConvolutionSides(
                smallChannels: w.shape[0], bigChannels: w.shape[1], small: isTransposed ? size : output,
                big: isTransposed ? output : size),
            geometry, precision, in: context)
        let gather = isTransposed ? plan.up : plan.down
        let y = GatherPass(
            gather, x, weights: gather.packed(w, version: version, in: context),
            bias: inputs.count > 2 ? inputs[2] : nil, activation: activation, in: context
        ).run(in: context)
        return ([y], Saved(x: x, w: w, y: activation == .linear ? nil : y, plan: plan))
    }

    package func backward(
        _ gradients: consuming [Tensor?], saved: Saved, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let dy = gradients[0] else { return wanted.map { _ in nil } }
        gradients = []  // so that the sums' gradient can take the place of `dy`, if nobody else holds it
        let plan = saved.plan, blocks = dy.shape[0]
        let sums = ActivationGradientPass(
            activation, y: saved.y, dy: consume dy, bias: wanted.count > 2 && wanted[2], in: context)
        let dz = sums.gradient
        var input: GatherPass?, weight: OuterPass?
        if wanted[0] {
            let gather = isTransposed ? plan.down : plan.up
            input = GatherPass(
                gather, dz, weights: gather.packed(saved.w, version: version, in: context), bias: nil, in: context)
        }
        if wanted[1] {
            weight = OuterPass(
                plan.outer, small: isTransposed ? saved.x : dz, big: isTransposed ? dz : saved.x, in: context)
        }
        ConvolutionBackwardPass(sums: sums, input: input, weight: weight).run(blocks: blocks, in: context)
        let dx = input?.result, dw = weight?.weightGradient, db = sums.biasGradient(in: context)
        return wanted.count > 2 ? [dx, dw, db] : [dx, dw]
    }
}
