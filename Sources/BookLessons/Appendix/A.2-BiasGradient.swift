import Jacquard

/// # A.2 The gradient of a bias
///
/// One bias b_k is added to column k of every row of a batch: it goes by as many paths as there are rows, each with the
/// slope 1. So its gradient is the sum of that column,
///
///     Y = X + b        ∂L/∂b_k = Σᵢ ∂L/∂y_ik
///
/// over the rows, and over nothing else. The network of the book's chapter 2 goes on and adds up the columns as well; then
/// all biases get one number, which is right for none of them.
public struct BiasGradient: Lesson {
    public static let about = About(
        "A.2", "The gradient of a bias", shows: "The sum over the rows of a batch, and what one sum more does.",
        seconds: 0.1)

    public init() {}

    public func run(with materials: Materials) -> Report {
        let context = materials.context, x = TwoMatrices.x
        let b = Tensor([0.5, -1, 0.25])
        // L = Σ σ(X + b), rows with a bias each column.
        func loss(_ b: Tensor) -> Double {
            (0..<3).reduce(0) { sum, row in
                sum + (0..<3).reduce(0) { $0 + 1 / (1 + DeterministicMath.exp(-Double(x[row, $1] + b[$1]))) }
            }
        }
        let s = (x + b.broadcast(to: x.shape)).map { Float(1 / (1 + DeterministicMath.exp(-Double($0)))) }
        let byY = s * s.map { 1 - $0 }

        let right = byY.columnSums
        let twice = Tensor(repeating: Float(byY.columnSums.sum), shape: [3])
        let measured = (0..<3).map { column in
            var more = b, less = b
            more[column] += 1 / 64
            less[column] -= 1 / 64
            return (loss(more) - loss(less)) * 32
        }
        let tape = Tape(in: context), bias = tape.variable(b)
        let engine = tape.backward(from: (tape.constant(x) + bias.broadcast(to: x.shape)).sigmoid().sum())[bias]

        func numbers(_ tensor: Tensor?) -> [Double] { (tensor?.values ?? []).map(Double.init) }
        return Report(
            [
                Row("sum of each column", here: numbers(right)),
                Row("measured", here: measured),
                Row("by the engine's tape", here: numbers(engine)),
                Row("summed twice, as in the book's chapter 2", here: numbers(twice)),
            ],
            takeaway: "What was repeated on the way forward is added up on the way back: rows, and only rows.")
    }
}
