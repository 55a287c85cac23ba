import Jacquard

/// # 3.2-3.4 Operations and layers
///
/// The network of 2.7 had its chain rule written out by hand. Taken apart it is three operations, over and over, each of which
/// knows two things: what it does on the way forward, and what the gradient G of its output means for its inputs.
///
///     multiply by weights   Y = X W         back: G Wᵀ to X, Xᵀ G to W
///     add a bias            Y = X + b       back: G to X, the sum of each column of G to b
///     sigmoid               Y = σ(X)        back: G · Y (1 - Y)
///
/// A layer is a few of them in a row with the parameters they need, and a network is a few layers. The tape walks back over
/// whatever was computed, in the opposite order, and looks that every gradient has the shape of its input. Here are the three
/// operations and a dense layer of our own; the engine has its own, which must agree.
public struct OperationsAndLayers: Lesson {
    public static let about = About(
        "3.2-3.4", "Operations and layers", shows: "Three operations and a dense layer of one's own, checked.",
        seconds: 0.1)

    public init() {}

    struct WeightMultiply: Operation {
        func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: [Tensor]) {
            ([inputs[0].multiplied(by: inputs[1], in: context)], inputs)
        }

        func backward(
            _ gradients: [Tensor?], saved: [Tensor], wanted: [Bool], in context: ComputeContext
        ) -> [Tensor?] {
            guard let g = gradients[0] else { return [nil, nil] }
            let (x, w) = (saved[0], saved[1])
            return [
                g.multiplied(by: w, transposeOther: true, in: context),
                x.multiplied(by: g, transposeSelf: true, in: context),
            ]
        }
    }

    struct BiasAdd: Operation {
        func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Void) {
            ([inputs[0] + inputs[1].broadcast(to: inputs[0].shape)], ())
        }

        func backward(_ gradients: [Tensor?], saved: Void, wanted: [Bool], in context: ComputeContext) -> [Tensor?] {
            [gradients[0], gradients[0]?.columnSums]
        }
    }

    struct Logistic: Operation {
        func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
            let y = inputs[0].map { Float(1 / (1 + DeterministicMath.exp(-Double($0)))) }
            return ([y], y)
        }

        func backward(_ gradients: [Tensor?], saved y: Tensor, wanted: [Bool], in context: ComputeContext) -> [Tensor?]
        {
            [gradients[0].map { $0 * y * y.map { 1 - $0 } }]
        }
    }

    /// A layer: parameters, and operations in a row.
    struct LogisticDense: Layer {
        let weight: Parameter, bias: Parameter

        init(_ inputs: Int, _ outputs: Int) {
            weight = Parameter(shape: [inputs, outputs], .normal(deviation: 1))
            bias = Parameter(shape: [outputs], .normal(deviation: 1))
        }

        func callAsFunction(_ x: Variable, mode: Mode) -> Variable {
            let tape = x.tape
            let weighted = tape(WeightMultiply(), x, tape(weight))
            let shifted = tape(BiasAdd(), weighted, tape(bias))
            return tape(Logistic(), shifted)
        }
    }

    public func run(with materials: Materials) throws -> Report {
        let context = materials.context
        func numbers(_ shape: Shape, _ stream: UInt64) -> Tensor {
            RandomStream(seed: 20_190_501, stream: stream).normal(shape, in: context)
        }
        let x = numbers([5, 3], 1), w = numbers([3, 4], 2), b = numbers([4], 3)
        let multiply = checkGradients(at: [x, w], in: context) { $0[0].tape(WeightMultiply(), $0[0], $0[1]) }
        let add = checkGradients(at: [x, numbers([3], 4)], in: context) { $0[0].tape(BiasAdd(), $0[0], $0[1]) }
        let logistic = checkGradients(at: [x], in: context) { $0[0].tape(Logistic(), $0[0]) }

        // Two layers are a network.
        let network = Sequential(seed: 1, in: context) {
            LogisticDense(3, 4)
            LogisticDense(4, 2)
        }
        let whole = checkGradients(of: network, at: x, in: context)

        // The engine's layer, with the same weights: it keeps them transposed.
        let ours = LogisticDense(3, 4), theirs = Dense(3, 4)
        ours.initialize(seed: 2, in: context)
        theirs.initialize(seed: 2, in: context)
        (ours.weight.value, ours.bias.value, theirs.weight.value) = (w, b, w.transposed)
        theirs.bias?.value = b
        let tape = Tape(in: context), y = ours(tape.constant(x), mode: .inference)
        let difference = (y.value - theirs(tape.constant(x)).sigmoid().value).map(abs).values.max() ?? .nan

        return Report(
            [
                Row("weight multiply: gradient error", here: multiply.error, as: .digits(6)),
                Row("bias add: gradient error", here: add.error, as: .digits(6)),
                Row("sigmoid: gradient error", here: logistic.error, as: .digits(6)),
                Row("a network of two layers: gradient error", here: whole.error, as: .digits(6)),
                Row(
                    "its parameters", here: network.parameters.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")),
                Row("to the engine's dense layer, at most", here: Double(difference), as: .digits(6)),
            ],
            takeaway:
                "If every operation can go back, so can all that is built of them, and nobody writes out the chain rule again."
        )
    }
}
