import Jacquard

/// # 1.11 A function of a matrix product
///
/// Now the sigmoid of the product, S = σ(X W): two links of a chain, and the chain rule multiplies. The slope of the first
/// link by X is Wᵀ, that of the second is σ'(N) at N = X W:
///
///     ∂S/∂X = σ'(X W) · Wᵀ,    σ'(N) = σ(N) (1 - σ(N))
///
/// Is it right? The book moves one input a little and looks. `checkGradients` does that with every input, and says how far
/// the gradient lies from what it measured, as a part of the largest of its elements. Somebody who writes s where s (1 - s) is
/// due gets numbers that look as good as the right ones. The check does not think so.
public struct FunctionOfAProduct: Lesson {
    public static let about = About(
        "1.11", "A function of a matrix product",
        shows: "The gradient of σ(X W), and how to find out whether one is right.",
        seconds: 0.1)

    public init() {}

    /// A sigmoid whose derivative has a slip.
    struct SlippedSigmoid: Operation {
        func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
            let s = inputs[0].map { Float(1 / (1 + DeterministicMath.exp(-Double($0)))) }
            return ([s], s)
        }

        func backward(_ gradients: [Tensor?], saved s: Tensor, wanted: [Bool], in context: ComputeContext) -> [Tensor?]
        {
            [gradients[0].map { $0 * s }]  // s (1 - s) is due.
        }
    }

    public func run(with materials: Materials) -> Report {
        let context = materials.context, x = DotProduct.x, w = DotProduct.w
        func forward(_ x: Tensor) -> Float {
            Float(1 / (1 + DeterministicMath.exp(-Double(x.multiplied(by: w, in: context).scalar))))
        }

        let s = forward(x)
        let gradient = s * (1 - s) * w.transposed

        // The book's look: x₃ goes up by 0.01; how much does S change, for each unit?
        var bumped = x
        bumped[0, 2] += 0.01
        let change = (forward(bumped) - s) / 0.01

        let right = checkGradients(at: [x, w], in: context) { $0[0].multiplied(by: $0[1]).sigmoid() }
        let wrong = checkGradients(at: [x, w], in: context) { inputs in
            let product = inputs[0].multiplied(by: inputs[1])
            return product.tape(SlippedSigmoid(), product)
        }
        return Report(
            [
                Row("S = σ(X W)", here: Double(s)),
                Row(
                    "∂S/∂X = σ'(N) Wᵀ", book: [0.0852, -0.0557, -0.1121], here: gradient.values.map(Double.init)),
                Row("x₃ up by 0.01: change of S, by unit", book: -0.11, here: Double(change), as: .digits(2)),
                Row("check of the engine's gradients: error", here: right.error, as: .digits(6)),
                Row("check of a gradient with a slip: error", here: wrong.error, as: .digits(6)),
            ],
            takeaway:
                "A gradient that belongs to its function passes the check with an error below 0.001; the one with a slip is off "
                + "by \(right.error < 0.001 && wrong.error > 0.01 ? "far more, and is found" : "as little, and is not found")."
        )
    }
}
