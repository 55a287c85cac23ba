import Jacquard

/// # 1.8-1.10 The dot product and its gradients
///
/// What a network does most is to weigh numbers and to add them up. A row of inputs X and a column of weights W give
///
///     N = X W = x₁ w₁ + x₂ w₂ + x₃ w₃
///
/// How fast does N move with x₁? w₁ times as fast: all other terms stand still. The three slopes by X, laid out as X is, are
/// the weights laid out as a row, and the other way round:
///
///     ∂N/∂X = Wᵀ        ∂N/∂W = Xᵀ
///
/// So the way back through a product is a product again, with the other factor.
public struct DotProduct: Lesson {
    public static let about = About(
        "1.8-1.10", "The dot product and its gradients", shows: "The gradient of X W by X is W, laid out as X is.",
        seconds: 0.1)

    public init() {}

    /// The book's numbers, `numpy.random.randn` with the seed 190203.
    static let x = Tensor([[0.47231121, 0.61514271, -1.72622715]])
    static let w = Tensor([[0.92819676], [-0.60754888], [-1.22136052]])

    public func run(with materials: Materials) -> Report {
        let context = materials.context

        let n = Self.x.multiplied(by: Self.w, in: context)  // [1, 3] · [3, 1] = [1, 1]
        let byX = Self.w.transposed, byW = Self.x.transposed

        // The engine says the same …
        let tape = Tape(in: context), x = tape.variable(Self.x), w = tape.variable(Self.w)
        let gradients = tape.backward(from: x.multiplied(by: w).sum())
        // … and so do differences. N is a straight line in each of its inputs, so the step may be as large as 1.
        let measured = (0..<3).map { column in
            var moved = Self.x
            moved[0, column] += 1
            return Double((moved.multiplied(by: Self.w, in: context) - n).scalar)
        }

        func numbers(_ tensor: Tensor?) -> [Double] { (tensor?.values ?? []).map(Double.init) }
        return Report(
            [
                Row("X", book: [0.4723, 0.6151, -1.7262], here: numbers(Self.x)),
                Row("N = X W", here: Double(n.scalar)),
                Row("∂N/∂X = Wᵀ", book: [0.9282, -0.6075, -1.2214], here: numbers(byX)),
                Row("∂N/∂X, by the tape", here: numbers(gradients[x])),
                Row("∂N/∂X, measured", here: measured),
                Row("∂N/∂W = Xᵀ", here: numbers(byW)),
                Row("∂N/∂W, by the tape", here: numbers(gradients[w])),
            ],
            takeaway: "To go back through a product, multiply by the other factor, transposed.")
    }
}
