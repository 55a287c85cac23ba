import Jacquard

/// # 2.3-2.6 Linear regression
///
/// The first model that learns: each input has a weight, and what is foretold is their sum and an intercept,
///
///     P = X W + b        L = mean of (P - y)²
///
/// The chain rule of chapter 1 says how the loss changes with every weight:
///
///     ∂L/∂P = 2 (P - y) / N        ∂L/∂W = Xᵀ · ∂L/∂P        ∂L/∂b = Σ ∂L/∂P
///
/// and learning is to go a little against it, a batch of rows at a time. All of it stands here as matrices, without a tape.
/// Least squares can also be solved exactly, so we see whether the walk arrives.
public struct LinearRegression: Lesson {
    public static let about = About(
        "2.3-2.6", "Linear regression",
        shows: "Weights learned by hand, beside the exact ones. The book's figures are of Boston's houses.",
        data: .table, seconds: 0.1)

    /// Batches to learn from, and rows of each.
    public var iterations = 1000
    public var batch = 23
    /// The book's 0.001, which it applies to a sum over the batch; here it is applied to the mean.
    public var rate: Float = 0.001 * 23
    public var seed: UInt64 = 180_708

    public init() {}

    /// What is learned: W [inputs, 1] and b.
    struct Model {
        var weights: Tensor
        var intercept: Float

        func callAsFunction(_ x: Tensor, in context: ComputeContext) -> Tensor {
            x.multiplied(by: weights, in: context) + intercept
        }

        /// One step against the gradient of the mean square error of a batch.
        mutating func learn(_ x: Tensor, _ y: Tensor, rate: Float, in context: ComputeContext) {
            let byP = (self(x, in: context) - y) * (2 / Float(x.shape[0]))
            weights = weights - rate * x.multiplied(by: byP, transposeSelf: true, in: context)
            intercept -= rate * Float(byP.sum)
        }
    }

    func learn(_ training: Dataset, in context: ComputeContext) throws -> Model {
        let start = RandomStream(seed: seed).normal([training.inputShape.count, 1], in: context)
        var model = Model(weights: start, intercept: 0)
        for positions in training.batches(iterations, of: batch, seed: seed) {
            let rows = try training.batch(positions)
            model.learn(rows.inputs, rows.targets.numbers, rate: rate, in: context)
        }
        return model
    }

    /// How far foretold numbers are off: the mean of the distances, and the root of the mean of their squares.
    static func errors(_ p: Tensor, _ y: Tensor) -> (absolute: Double, rootMeanSquare: Double) {
        let distances = p - y
        return (distances.map(abs).mean, (distances * distances).mean.squareRoot())
    }

    public func run(with materials: Materials) throws -> Report {
        let table = try materials.regression(), context = materials.context
        let scale = try Standardization(fittedTo: table.training)
        let training = table.training.standardized(by: scale), test = table.test.standardized(by: scale)
        let all = try training.batch(0..<training.count), held = try test.batch(0..<test.count)
        let x = held.inputs, y = held.targets.numbers
        let model = try learn(training, in: context)
        let learned = Self.errors(model(x, in: context), y)
        let mean = Float(all.targets.numbers.mean)  // the exact intercept, for standardized inputs have the mean zero
        let exactModel = Model(
            weights: Self.leastSquares(all.inputs, all.targets.numbers - mean, in: context), intercept: mean)
        let exact = Self.errors(exactModel(x, in: context), y)
        let guess = Self.errors(Tensor(repeating: mean, shape: y.shape), y)

        let w = model.weights.values, top = w.indices.max { abs(w[$0]) < abs(w[$1]) } ?? 0
        let weights = Figure(
            "2.6-weights", "The weights of the standardized inputs, in their order.",
            .curves(
                [
                    .init("learned", values: w.map(Double.init)),
                    .init("exact", values: exactModel.weights.values.map(Double.init)),
                ], x: "input", y: "weight"))
        var rows = [
            Row("mean absolute error, learned", book: 3.5644, here: learned.absolute),
            Row("mean absolute error, exact", book: 3.5671, here: exact.absolute),
            Row("root mean square error, learned", book: 5.0497, here: learned.rootMeanSquare),
            Row("root mean square error, exact", book: 5.0476, here: exact.rootMeanSquare),
            Row("root mean square error of the mean", here: guess.rootMeanSquare),
            Row("intercept, learned", book: 22.6312, here: Double(model.intercept)),
            Row("most important input", book: "the 12th", here: table.columns[top]),
            Row("its weight, learned", book: -4.2553, here: Double(w[top])),
            Row("its weight, exact", book: -4.1889, here: Double(exactModel.weights.values[top])),
        ]
        if let floor = table.noiseFloor { rows.append(Row("no model can do better than", here: floor)) }
        return Report(
            rows,
            takeaway: "Foretelling the mean is off by \(fixed(guess.rootMeanSquare, 2)), the best line by "
                + "\(fixed(exact.rootMeanSquare, 2)); steps against the gradient come to \(fixed(learned.rootMeanSquare, 2)).",
            figures: [weights])
    }

    /// The W for which (X W - y)² is least: XᵀX W = Xᵀy, solved by elimination.
    static func leastSquares(_ x: Tensor, _ y: Tensor, in context: ComputeContext) -> Tensor {
        let square = x.multiplied(by: x, transposeSelf: true, in: context)
        let right = x.multiplied(by: y, transposeSelf: true, in: context).values
        var rows = right.indices.map { row in (square.row(row).values + [right[row]]).map(Double.init) }
        // A column that others say already has no weight of its own.
        let isPivot = { (row: Int) in rows[row][row] > 1e-5 * Double(x.shape[0]) }
        for pivot in rows.indices where isPivot(pivot) {
            for row in rows.indices where row != pivot {
                let factor = rows[row][pivot] / rows[pivot][pivot]
                for column in rows[row].indices { rows[row][column] -= factor * rows[pivot][column] }
            }
        }
        return Tensor(
            rows.indices.map { isPivot($0) ? Float(rows[$0][rows.count] / rows[$0][$0]) : 0 }, shape: [rows.count, 1])
    }
}
