import Jacquard

/// # 1.12-1.13 Two matrices to a single number
///
/// A batch has several rows, and a layer several columns. All elements of σ(X W) are added up to one number, as a loss does:
///
///     N = X W,    S = σ(N),    L = Σ S
///
/// Each x moves a whole row of N and each w a whole column, so slopes have to be added over all paths. That sum of products
/// is a matrix product again:
///
///     ∂L/∂X = σ'(N) · Wᵀ        ∂L/∂W = Xᵀ · σ'(N)
///
/// One pass back gives all nine slopes of X and all six of W, where differences would take two passes forward for each.
public struct TwoMatrices: Lesson {
    public static let about = About(
        "1.12-1.13", "Two matrices to a single number", shows: "L = Σ σ(X W) and all of its partial derivatives.",
        seconds: 0.1)

    public init() {}

    /// The book's numbers, `numpy.random.randn` with the seed 190204.
    static let x = Tensor([
        [-1.57752816, -0.6664228, 0.63910406], [-0.56152218, 0.73729959, -1.42307821],
        [-1.44348429, -0.39128029, 0.1539322],
    ])
    static let w = Tensor([[0.75510818, 0.25562492], [-0.56109271, -0.97504841], [0.98098478, -0.95870776]])

    /// L and its gradients, by hand.
    static func forwardAndBackward(_ x: Tensor, _ w: Tensor, in context: ComputeContext) -> (
        loss: Double, byX: Tensor, byW: Tensor
    ) {
        let n = x.multiplied(by: w, in: context)
        let s = n.map { Float(1 / (1 + DeterministicMath.exp(-Double($0)))) }
        let slopes = s * s.map { 1 - $0 }
        return (
            s.sum, slopes.multiplied(by: w, transposeOther: true, in: context),
            x.multiplied(by: slopes, transposeSelf: true, in: context)
        )
    }

    public func run(with materials: Materials) -> Report {
        let context = materials.context, (loss, byX, byW) = Self.forwardAndBackward(Self.x, Self.w, in: context)

        // x₁₁ on its way from 4 less to 4 more, everything else as it is.
        func lossWith(first value: Float) -> Double {
            var moved = Self.x
            moved[0, 0] = value
            return Self.forwardAndBackward(moved, Self.w, in: context).loss
        }
        let start = Self.x[0, 0]
        let measured = (lossWith(first: start + 1 / 64) - lossWith(first: start - 1 / 64)) * 32
        let sweep = (-80...80).map { start + Float($0) / 20 }
        let figure = Figure(
            "1.12-sweep", "L against the first element of X, and the line whose slope the gradient says.",
            .curves(
                [
                    .init("L", sweep.map { (Double($0), lossWith(first: $0)) }),
                    .init("gradient", sweep.map { (Double($0), loss + Double((($0 - start) * byX[0, 0]))) }),
                ], x: "x₁₁", y: "L"))

        let check = checkGradients(at: [Self.x, Self.w], in: context) { $0[0].multiplied(by: $0[1]).sigmoid().sum() }
        let book = [[0.2489, -0.3748, 0.0112], [0.126, -0.2781, -0.1395], [0.2299, -0.3662, -0.0225]]
        func row(_ tensor: Tensor, _ index: Int) -> [Double] { tensor.row(index).values.map(Double.init) }
        return Report(
            [Row("L", book: 2.3755, here: loss)]
                + book.indices.map { Row("∂L/∂X, row \($0 + 1)", book: book[$0], here: row(byX, $0)) }
                + (0..<3).map { Row("∂L/∂W, row \($0 + 1)", here: row(byW, $0)) }
                + [
                    Row("∂L/∂x₁₁, measured", book: 0.2489, here: measured),
                    Row("the engine's gradients, checked: error", here: check.error, as: .digits(6)),
                ],
            takeaway:
                "Going back through a product of matrices is a product of matrices: one pass gives the slope of the loss by "
                + "every number that went in.",
            figures: [figure])
    }
}
