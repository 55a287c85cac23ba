import Jacquard

/// # A.2 The gradient of a bias
///
/// One bias b_k is added to column k of every row of a batch: it goes by as many paths as there are rows, each with the
/// slope 1. So its gradient is the sum of that column,
///
///     Y = X + b        ∂L/∂b_k = Σᵢ ∂L/∂y_ik
///
/// over the rows, and over nothing else. The network of the book's chapter 2 goes on and adds up the columns as well; then
/// all biases get one number, which is right for none of them. It learns all the same, for its weights have right gradients;
/// what it costs is seen best over several starts of the network of 2.7.
public struct BiasGradient: Lesson {
    public static let about = About(
        "A.2", "The gradient of a bias", shows: "The sum over the rows of a batch, and what one sum more does.",
        data: .table, seconds: 2)

    /// The network of 2.7, and first weights of it that are tried.
    public var network = FirstNetwork()
    public var starts = 5

    public init() {}

    public func run(with materials: Materials) throws -> Report {
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

        // The network of 2.7 with either gradient: its error, a mean over the starts.
        let table = try materials.regression(), scale = try Standardization(fittedTo: table.training)
        let training = table.training.standardized(by: scale)
        let test = try table.test.standardized(by: scale).batch(0..<table.test.count)
        func error(sharesBias: Bool) throws -> Double {
            let errors = try (0..<starts).map { start in
                materials.progress("start \(start + 1) of \(starts)")
                var lesson = network
                lesson.seed += UInt64(start)
                let learned = try lesson.learn(training, sharesBias: sharesBias, in: context)
                return LinearRegression.errors(learned(test.inputs, in: context), test.targets.numbers).rootMeanSquare
            }
            return errors.reduce(0, +) / Double(starts)
        }

        func numbers(_ tensor: Tensor?) -> [Double] { (tensor?.values ?? []).map(Double.init) }
        return Report(
            [
                Row("sum of each column", here: numbers(right)),
                Row("measured", here: measured),
                Row("by the engine's tape", here: numbers(engine)),
                Row("summed twice, as in the book's chapter 2", here: numbers(twice)),
                Row("network of 2.7, \(starts) starts: mean error", here: try error(sharesBias: false)),
                Row("the same, biases summed twice", here: try error(sharesBias: true)),
            ],
            takeaway: "What was repeated on the way forward is added up on the way back: rows, and only rows.")
    }
}
