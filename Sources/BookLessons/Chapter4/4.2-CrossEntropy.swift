import Jacquard

/// # 4.2 The softmax cross-entropy loss
///
/// A classifier answers a number x for each class. Softmax makes probabilities of them, all positive and together 1, and
/// favors the largest more than a plain division by the sum would:
///
///     p_i = e^x_i / (e^x_1 + … + e^x_n)
///
/// Cross-entropy is how surprised these probabilities are by the class c that is right: L = -ln p_c, which is 0 for
/// certainty and grows without bound for a certain mistake, where a squared error stops at 1. Both together have the simplest
/// derivative there is: dL/dx = p - y, where y is 1 for the right class and 0 for the others.
///
/// The book's code prints another number, -ln p_c - Σ ln(1 - p_i) over the wrong classes i: a sum of *binary* cross-entropies.
/// The derivative of that is not p - y. Since p - y is what its backward pass hands on, what it makes small is the plain
/// cross-entropy, and what it prints is something else.
public struct CrossEntropy: Lesson {
    public static let about = About(
        "4.2", "Softmax cross-entropy",
        shows: "The loss by hand and by the engine, its derivative p - y, and what the book prints instead.",
        seconds: 0.1)

    public init() {}

    /// The largest number is subtracted first: that cancels, and e^x stays finite.
    func softmax(_ x: [Double]) -> [Double] {
        let largest = x.max() ?? 0, powers = x.map { DeterministicMath.exp($0 - largest) }
        return powers.map { $0 / powers.reduce(0, +) }
    }

    func crossEntropy(_ x: [Double], right: Int) -> Double { -DeterministicMath.log(softmax(x)[right]) }

    /// What the book prints.
    func sumOfBinaries(_ x: [Double], right: Int) -> Double {
        softmax(x).enumerated().reduce(0) { sum, p in
            sum - DeterministicMath.log(p.offset == right ? p.element : 1 - p.element)
        }
    }

    /// By central differences, as in chapter 1.
    func gradient(of f: ([Double]) -> Double, at x: [Double], step: Double = 1e-4) -> [Double] {
        x.indices.map { i in
            var above = x, below = x
            above[i] += step
            below[i] -= step
            return (f(above) - f(below)) / (2 * step)
        }
    }

    public func run(with materials: Materials) -> Report {
        let x = [5.0, 3, 2], right = 1
        let p = softmax(x), y = [0.0, 1, 0]

        let tape = Tape(in: materials.context)
        let logits = tape.variable(Tensor(x.map(Float.init), shape: [1, 3]))
        let loss = logits.softmaxCrossEntropy(targets: [Int32(right)])
        let engine = tape.backward(from: loss)[logits]?.values.map(Double.init) ?? []

        return Report(
            [
                Row("[5 3 2] divided by their sum", here: x.map { $0 / 10 }),
                Row("their softmax p", here: p),
                Row("softmax of [1005 1003 1002]", here: softmax(x.map { $0 + 1000 })),
                Row("cross-entropy if the second class is right, by hand", here: crossEntropy(x, right: right)),
                Row("the same by the engine", here: Double(loss.value.scalar)),
                Row(
                    "its gradient, by central differences",
                    here: gradient(of: { crossEntropy($0, right: right) }, at: x)),
                Row("p - y", here: zip(p, y).map { $0 - $1 }),
                Row("its gradient by the engine", here: engine),
                Row("the loss that the book prints for it", here: sumOfBinaries(x, right: right)),
                Row(
                    "gradient of that, by central differences",
                    here: gradient(of: { sumOfBinaries($0, right: right) }, at: x)),
                Row("steepest slope of sigmoid", here: slope(of: sigmoid, at: 0)),
                Row("steepest slope of tanh", here: slope(of: DeterministicMath.tanh, at: 0)),
                Row("slope of ReLU at -1", book: 1, here: slope(of: { max($0, 0) }, at: -1)),
            ],
            takeaway:
                "Softmax and cross-entropy belong together, because their derivative is as simple as p - y; a loss that is "
                + "printed but not minimized, like the book's, cannot be compared with anybody else's.",
            figures: [losses, slopes])
    }

    // MARK: The book's figures

    func sigmoid(_ x: Double) -> Double { 1 / (1 + DeterministicMath.exp(-x)) }
    func slope(of f: (Double) -> Double, at x: Double) -> Double { gradient(of: { f($0[0]) }, at: [x])[0] }

    var losses: Figure {
        let ps = (1...98).map { Double($0) / 100 }
        return Figure(
            "4.2-losses",
            "What an answer p costs where 0 is right: a certain mistake costs much only with cross-entropy.",
            .curves(
                [
                    .init("cross-entropy -ln(1 - p)", ps.map { ($0, -DeterministicMath.log(1 - $0)) }),
                    .init("squared error p²", ps.map { ($0, $0 * $0) }),
                ], x: "p", y: "loss"))
    }

    var slopes: Figure {
        let xs = stride(from: -4.95, through: 5, by: 0.1).map { $0 }
        return Figure(
            "4.2-slopes", "What activations let through of a gradient: sigmoid at most a quarter.",
            .curves(
                [
                    .init("slope of sigmoid", xs.map { ($0, slope(of: sigmoid, at: $0)) }),
                    .init("slope of tanh", xs.map { ($0, slope(of: DeterministicMath.tanh, at: $0)) }),
                    .init("slope of ReLU", xs.map { ($0, slope(of: { max($0, 0) }, at: $0)) }),
                ], x: "x", y: "slope"))
    }
}
