import Jacquard

/// # 1.2 Derivatives
///
/// How much does the output of a function change when its input changes a little? Between two points beside a,
///
///     df/du (a) ≈ (f(a + δ) - f(a - δ)) / 2δ
///
/// is the slope of a line through both. The book writes it down and leaves it there; how well does it do? The line through a
/// itself and one neighbor, (f(a + δ) - f(a)) / δ, misses the slope by something like δ, since the curve bends away from it.
/// Two neighbors on either side bend away alike, so that cancels, and what is left is of the order of δ². The smaller δ the
/// better, then? Until the two values of f are so near each other that their difference is mostly rounding: a Double has
/// about 16 digits, and dividing by δ makes the error of the last one large.
public struct Derivatives: Lesson {
    public static let about = About(
        "1.2", "Derivatives", shows: "Slopes by central differences, and how far they are off.", seconds: 0.1)

    public init() {}

    /// The slope of `f` at `a`, by central differences.
    func derivative(of f: (Double) -> Double, at a: Double, step: Double = 0.001) -> Double {
        (f(a + step) - f(a - step)) / (2 * step)
    }

    /// The same from one side.
    func oneSided(of f: (Double) -> Double, at a: Double, step: Double = 0.001) -> Double {
        (f(a + step) - f(a)) / step
    }

    public func run(with materials: Materials) -> Report {
        func square(_ x: Double) -> Double { x * x }
        func sigmoid(_ x: Double) -> Double { 1 / (1 + DeterministicMath.exp(-x)) }
        /// What calculus says.
        func slopeOfSigmoid(_ x: Double) -> Double { sigmoid(x) * (1 - sigmoid(x)) }

        func centralError(_ step: Double) -> Double {
            abs(derivative(of: sigmoid, at: 1, step: step) - slopeOfSigmoid(1))
        }
        func oneSidedError(_ step: Double) -> Double {
            abs(oneSided(of: sigmoid, at: 1, step: step) - slopeOfSigmoid(1))
        }
        func log10(_ x: Double) -> Double { DeterministicMath.log(max(x, 1e-17)) / DeterministicMath.log(10) }

        let exponents = (-48...0).map { Double($0) / 4 }
        func curve(_ error: (Double) -> Double) -> [(x: Double, y: Double)] {
            exponents.map { ($0, log10(error(DeterministicMath.pow(10, $0)))) }
        }
        let errors = Figure(
            "1.2-error",
            "How far the measured slope of the sigmoid at 1 is off, against the step δ: digits on both axes.",
            .curves(
                [.init("from one side", curve(oneSidedError)), .init("central", curve(centralError))],
                x: "log δ, base ten", y: "log of the error, base ten"))
        let xs = (-40...40).map { Double($0) / 20 }
        let slopes = Figure(
            "1.2-derivatives", "Two functions and their slopes by central differences.",
            .curves(
                [
                    .init("square", xs.map { ($0, square($0)) }),
                    .init("slope of the square", xs.map { ($0, derivative(of: square, at: $0)) }),
                    .init("sigmoid", xs.map { ($0, sigmoid($0)) }),
                    .init("slope of the sigmoid", xs.map { ($0, derivative(of: sigmoid, at: $0)) }),
                ], x: "x", y: ""))

        let best = exponents.min {
            centralError(DeterministicMath.pow(10, $0)) < centralError(DeterministicMath.pow(10, $1))
        }
        return Report(
            [
                Row("x² at 3, exactly 6", here: derivative(of: square, at: 3), as: .digits(6)),
                Row("sigmoid at 1", here: derivative(of: sigmoid, at: 1), as: .digits(6)),
                Row("sigmoid at 1, by s (1 - s)", here: slopeOfSigmoid(1), as: .digits(6)),
                Row("error at δ = 0.01, from one side", here: oneSidedError(0.01), as: .digits(9)),
                Row("error at δ = 0.01, central", here: centralError(0.01), as: .digits(9)),
                Row(
                    "δ a tenth: error falls, one side", here: oneSidedError(0.01) / oneSidedError(0.001), as: .digits(1)
                ),
                Row("δ a tenth: error falls, central", here: centralError(0.01) / centralError(0.001), as: .digits(1)),
                Row("best δ, central, as a power of ten", here: best ?? 0, as: .digits(2)),
            ],
            takeaway:
                "A derivative can be measured with nothing but the function itself: slowly, but with an error that is known, so "
                + "that every faster way can be checked by it.",
            figures: [slopes, errors])
    }
}
