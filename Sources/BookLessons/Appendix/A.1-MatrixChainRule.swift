import Jacquard

/// # A.1 The chain rule with matrices
///
/// Section 1.13 claims that the gradients of L = Σ σ(X W) are two products of matrices. Here is why, element by element.
/// With N = X W, xᵢⱼ goes into every element of row i of N, and into N_ik with the slope w_jk:
///
///     ∂L/∂xᵢⱼ = Σₖ ∂L/∂N_ik · w_jk
///
/// That is row i of ∂L/∂N times column j of Wᵀ: the rule of a product of matrices, ∂L/∂X = ∂L/∂N · Wᵀ. And w_jk goes into
/// every element of column k of N, into N_ik with the slope xᵢⱼ:
///
///     ∂L/∂w_jk = Σᵢ xᵢⱼ · ∂L/∂N_ik        so ∂L/∂W = Xᵀ · ∂L/∂N
public struct MatrixChainRule: Lesson {
    public static let about = About(
        "A.1", "The chain rule with matrices", shows: "Gradients summed over all paths, and as products of matrices.",
        seconds: 0.1)

    public init() {}

    public func run(with materials: Materials) -> Report {
        let context = materials.context, x = TwoMatrices.x, w = TwoMatrices.w
        let s = x.multiplied(by: w, in: context).map { Float(1 / (1 + DeterministicMath.exp(-Double($0)))) }
        let byN = s * s.map { 1 - $0 }  // [3, 2]

        // By elements: over all paths from an input to the sum.
        var byX = Tensor(zeros: x.shape), byW = Tensor(zeros: w.shape)
        for i in 0..<3 {
            for j in 0..<3 {
                for k in 0..<2 {
                    byX[i, j] += byN[i, k] * w[j, k]
                    byW[j, k] += x[i, j] * byN[i, k]
                }
            }
        }
        // By matrices.
        let productX = byN.multiplied(by: w.transposed, in: context)
        let productW = x.transposed.multiplied(by: byN, in: context)

        func numbers(_ tensor: Tensor) -> [Double] { tensor.values.map(Double.init) }
        func apart(_ a: Tensor, _ b: Tensor) -> Double { Double((a - b).map(abs).values.max() ?? .nan) }
        return Report(
            [
                Row("∂L/∂X, first row, by elements", book: [0.2489, -0.3748, 0.0112], here: numbers(byX.row(0))),
                Row("∂L/∂X, first row, by matrices", book: [0.2489, -0.3748, 0.0112], here: numbers(productX.row(0))),
                Row("∂L/∂X, at most apart", here: apart(byX, productX), as: .digits(6)),
                Row("∂L/∂W, first row, by elements", here: numbers(byW.row(0))),
                Row("∂L/∂W, first row, by matrices", here: numbers(productW.row(0))),
                Row("∂L/∂W, at most apart", here: apart(byW, productW), as: .digits(6)),
            ],
            takeaway: "A product of matrices is a sum over paths, forward and back.")
    }
}
