import Jacquard

/// # 3.8 Putting it together: three networks
///
/// With layers, a loss, an optimizer and a trainer, a network is the list of its layers. The book trains three of them for
/// fifty passes over the same rows:
///
///     linear     inputs → 1
///     network    inputs → 13 sigmoids → 1
///     deep       inputs → 13 sigmoids → 13 sigmoids → 1
///
/// A line cannot bend; one hidden layer can; a second one bends what is bent already. How near can they come to the noise in
/// the data, below which nobody gets? One start may be lucky, so several are tried.
public struct ThreeNetworks: Lesson {
    public static let about = About(
        "3.8", "Putting it together", shows: "Linear, network, deep. The book's figures are of Boston's houses.",
        data: .table,
        seconds: 2)

    public var epochs = 50
    public var batch = 32
    public var rate = 0.01
    public var seed: UInt64 = 20_190_501
    /// First weights that are tried.
    public var starts = 5

    public init() {}

    enum Kind: String, CaseIterable { case linear, network, deep }

    func model(_ kind: Kind, inputs: Int, seed: UInt64, in context: ComputeContext) -> Sequential {
        /// As the book's start: all numbers normal, with a deviation of 1.
        func dense(_ inputs: Int, _ outputs: Int) -> Dense {
            Dense(inputs, outputs, weights: .normal(deviation: 1), biases: .normal(deviation: 1))
        }
        return switch kind {
        case .linear:
            Sequential(seed: seed, in: context) { dense(inputs, 1) }
        case .network:
            Sequential(seed: seed, in: context) {
                dense(inputs, 13)
                Activation.sigmoid
                dense(13, 1)
            }
        case .deep:
            Sequential(seed: seed, in: context) {
                dense(inputs, 13)
                Activation.sigmoid
                dense(13, 13)
                Activation.sigmoid
                dense(13, 1)
            }
        }
    }

    public func run(with materials: Materials) throws -> Report {
        let table = try materials.regression(), context = materials.context
        let scale = try Standardization(fittedTo: table.training)
        let test = table.test.standardized(by: scale)
        // The rows to stop by are not those to report on.
        let (training, validation) = table.training.standardized(by: scale).split(heldOutShare: 0.15, seed: seed)

        func train(_ kind: Kind, start: Int, epochs: Int) throws -> (found: Evaluation, losses: [Double]) {
            materials.progress("\(kind), start \(start + 1) of \(starts), \(epochs) passes")
            let seed = seed + UInt64(start)
            let model = model(kind, inputs: training.inputShape.count, seed: seed, in: context)
            let trainer = Trainer(
                model, loss: .squaredError, optimizer: .sgd(rate: rate),
                metrics: [.meanAbsoluteError, .rootMeanSquareError], seed: seed, in: context)
            var losses: [Double] = []
            try trainer.fit(training, batch: batch, epochs: epochs, validation: validation) { event in
                if case .epoch(let progress) = event { losses.append(progress.validationLoss ?? .nan) }
            }
            return (try trainer.evaluate(test), losses)
        }

        var rows: [Row] = [], curves: [Figure.Curve] = [], means: [Double] = []
        let book: [Kind: (absolute: Double, square: Double)] = [
            .linear: (3.52, 5.01), .network: (2.60, 4.03), .deep: (2.45, 3.83),
        ]
        for kind in Kind.allCases {
            let runs = try (0..<starts).map { try train(kind, start: $0, epochs: epochs) }
            let squares = runs.map { $0.found[.rootMeanSquareError] ?? .nan }
            let absolute = runs[0].found[.meanAbsoluteError] ?? .nan
            rows.append(Row("\(kind): mean absolute error", book: book[kind]?.absolute, here: absolute))
            rows.append(Row("\(kind): root mean square error", book: book[kind]?.square, here: squares[0]))
            means.append(squares.reduce(0, +) / Double(starts))
            curves.append(.init(kind.rawValue, values: runs[0].losses))
        }
        let long = try train(.deep, start: 0, epochs: 10 * epochs).found[.rootMeanSquareError] ?? .nan
        rows.append(Row("root mean square errors, mean of \(starts) starts", here: means))
        rows.append(Row("deep, \(10 * epochs) passes", here: long))
        if let floor = table.noiseFloor { rows.append(Row("no model can do better than", here: floor)) }
        let isInOrder = means[2] < means[1] && means[1] < means[0]
        return Report(
            rows,
            takeaway: isInOrder
                ? "Each hidden layer takes the foretelling nearer to what is there to be found."
                : "Here a deeper network is not a better one: that depends on the data, and on how long one trains.",
            figures: [
                Figure(
                    "3.8-losses", "Loss of the rows to stop by, after each pass over the data.",
                    .curves(curves, x: "pass", y: "mean square error"))
            ])
    }
}
