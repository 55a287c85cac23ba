import Jacquard

/// # 1.2 Derivatives
///
/// How much does the output of a function change when its input changes a little? Between two points beside a,
///
///     df/du (a) ≈ (f(a + δ) - f(a - δ)) / 2δ
///
/// is the slope of a line through both. Its error is of the order of δ², where the one-sided difference has one of the order
/// of δ: the two sides cancel the curvature.
public struct Derivatives: Lesson {
    public static let about = About(
        "1.2", "Derivatives", shows: "Central differences against the derivatives that calculus gives.", seconds: 0.1)

    public init() {}

    /// The slope of `f` at `a`, by central differences.
    func derivative(of f: (Double) -> Double, at a: Double, step: Double = 0.001) -> Double {
        (f(a + step) - f(a - step)) / (2 * step)
    }

    public func run(with materials: Materials) -> Report {
        func square(_ x: Double) -> Double { x * x }
        func sigmoid(_ x: Double) -> Double { 1 / (1 + DeterministicMath.exp(-x)) }

        let xs = stride(from: -2.0, through: 2, by: 0.05).map { $0 }
        let slopes = Figure(
            "1.2-derivatives", "Two functions and their slopes by central differences.",
            .curves(
                [
                    .init("square", xs.map { ($0, square($0)) }),
                    .init("its slope", xs.map { ($0, derivative(of: square, at: $0)) }),
                    .init("sigmoid", xs.map { ($0, sigmoid($0)) }),
                    .init("its slope ", xs.map { ($0, derivative(of: sigmoid, at: $0)) }),
                ], x: "x", y: ""))
        let s = sigmoid(1)
        return Report(
            [
                Row("x² at 3, exactly 6", here: derivative(of: square, at: 3), as: .digits(6)),
                Row("sigmoid at 1", here: derivative(of: sigmoid, at: 1), as: .digits(6)),
                Row("sigmoid at 1, by s (1 - s)", here: s * (1 - s), as: .digits(6)),
            ],
            takeaway:
                "A derivative can be measured with nothing but the function itself; that is slow, but it never lies, and "
                + "every faster way can be checked by it.",
            figures: [slopes])
    }
}
