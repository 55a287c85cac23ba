import Jacquard

/// # 1.6-1.7 Functions with several inputs
///
/// A function may depend on more than one number. Then it has a slope for each of them, a partial derivative: how fast does
/// the output move if this input moves and the others stand still? The chain rule holds along each path from an input to the
/// output. In σ(x + y) both paths run through the sum, which passes each on as it is; in σ(x y) the product passes x on y
/// times as fast, and y x times:
///
///     a = x + y:   ∂σ/∂x = σ'(a)         ∂σ/∂y = σ'(a)
///     a = x y:     ∂σ/∂x = σ'(a) y       ∂σ/∂y = σ'(a) x
///
/// If an input goes by two paths, as x in σ(x + x y), the slopes of the paths are added.
public struct SeveralInputs: Lesson {
    public static let about = About(
        "1.6-1.7", "Functions with several inputs",
        shows: "A slope for each input: multiply along a path, add up over paths.",
        seconds: 0.1)

    public init() {}

    func sigmoid(_ a: Double) -> Double { 1 / (1 + DeterministicMath.exp(-a)) }
    func slopeOfSigmoid(_ a: Double) -> Double { sigmoid(a) * (1 - sigmoid(a)) }

    /// Both partial derivatives, measured: one input moves, the other stands still.
    func measured(_ f: (Double, Double) -> Double, _ x: Double, _ y: Double, step: Double = 0.001) -> [Double] {
        [
            (f(x + step, y) - f(x - step, y)) / (2 * step),
            (f(x, y + step) - f(x, y - step)) / (2 * step),
        ]
    }

    public func run(with materials: Materials) -> Report {
        let x = 0.5, y = -1.5

        // The engine's tape writes down what is computed and walks back over all paths.
        func byTheTape(_ f: (Variable, Variable) -> Variable) -> [Double] {
            let tape = Tape(in: materials.context)
            let vx = tape.variable(Tensor(Float(x))), vy = tape.variable(Tensor(Float(y)))
            let gradients = tape.backward(from: f(vx, vy))
            return [vx, vy].map { Double(gradients[$0]?.scalar ?? .nan) }
        }

        let sum = slopeOfSigmoid(x + y), product = slopeOfSigmoid(x * y), twoPaths = slopeOfSigmoid(x + x * y)
        return Report(
            [
                Row("σ(x + y), by x and by y", here: [sum, sum], as: .digits(6)),
                Row("σ(x + y), measured", here: measured({ sigmoid($0 + $1) }, x, y), as: .digits(6)),
                Row("σ(x + y), by the tape", here: byTheTape { ($0 + $1).sigmoid() }, as: .digits(6)),
                Row("σ(x y), by x and by y", here: [product * y, product * x], as: .digits(6)),
                Row("σ(x y), measured", here: measured({ sigmoid($0 * $1) }, x, y), as: .digits(6)),
                Row("σ(x y), by the tape", here: byTheTape { ($0 * $1).sigmoid() }, as: .digits(6)),
                Row("σ(x + x y): two paths from x", here: [twoPaths * (1 + y), twoPaths * x], as: .digits(6)),
                Row("σ(x + x y), measured", here: measured({ sigmoid($0 + $0 * $1) }, x, y), as: .digits(6)),
                Row("σ(x + x y), by the tape", here: byTheTape { ($0 + $0 * $1).sigmoid() }, as: .digits(6)),
            ],
            takeaway: "Along a path slopes multiply; where paths from one input meet again they are added.")
    }
}
