import Autodiff
import CKernels
import Layers
import TensorCore

// What Documentation/AddingALayer.md builds, word for word. This target sees public declarations only.

/// log(1 + exp(x)), a smooth ReLU (Dugas et al., 2001); its derivative is the sigmoid of x.
struct Softplus: Operation {
    func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        let x = inputs[0], kernels = context.kernels
        // max(x, 0) + log(1 + exp(-|x|)): exp never sees a large number.
        let positive = context.map(x) { kernels.relu($0, 0, $1, $2) }
        let size = context.map(x) { kernels.relu($0, -1, $1, $2) }
        let tail = context.map(context.affine(size, scale: -1), kernels.exp)
        let logarithm = context.map(context.affine(tail, scale: 1, shift: 1), kernels.log)
        return ([context.map(positive, logarithm, kernels.add)], x)
    }

    func backward(_ gradients: [Tensor?], saved x: Tensor, wanted: [Bool], in context: ComputeContext) -> [Tensor?] {
        [gradients[0].map { context.map($0, context.map(x, context.kernels.sigmoid), context.kernels.multiply) }]
    }
}

extension Variable {
    func softplus() -> Variable { tape(Softplus(), self) }
}

/// softplus(x W^T + b) times a scale for each output that is learned too.
struct ScaledSoftplus: Layer {
    let dense: Dense
    let scale: Parameter

    init(_ name: String, inputs: Int, outputs: Int, from stream: RandomStream, in context: ComputeContext) {
        dense = Dense(name, inputs: inputs, outputs: outputs, from: stream, in: context)
        scale = Parameter("\(name).scale", Tensor(repeating: 1, shape: [outputs]))
    }

    var parameters: [Parameter] { dense.parameters + [scale] }

    func callAsFunction(_ x: Variable, mode: Mode) -> Variable {
        let y = dense(x, mode: mode).softplus()
        return y * x.tape(scale).broadcast(to: y.shape)
    }
}

/// The same with loops of one's own over pointers: no kernel of the engine is needed.
struct Cube: Operation {
    func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        ([combine(inputs[0], inputs[0], in: context) { x, _ in x * x * x }], inputs[0])
    }

    func backward(_ gradients: [Tensor?], saved x: Tensor, wanted: [Bool], in context: ComputeContext) -> [Tensor?] {
        [gradients[0].map { combine(x, $0, in: context) { x, g in 3 * x * x * g } }]
    }

    private func combine(
        _ a: Tensor, _ b: Tensor, in context: ComputeContext, _ f: (Float, Float) -> Float
    ) -> Tensor {
        let count = a.count
        var y = Tensor(uninitialized: a.shape, in: context.workspace)
        y.withUnsafeMutablePointer { y in
            a.withUnsafePointer { a in
                b.withUnsafePointer { b in
                    context.forElements(of: count) { start, count in
                        for i in start..<start + count { y[i] = f(a[i], b[i]) }
                    }
                }
            }
        }
        return y
    }
}
