import Jacquard

/// # 7.2 Model, optimizer, loss, trainer
///
/// Chapter 7 of the book leaves its own library for PyTorch, whose four elements are those of every such library: a model,
/// a function that turns inputs into answers and knows its parameters; a loss, a number that says how far answers are from
/// targets; an optimizer, which moves the parameters against the gradient,
///
///     v ← μ v + ∂L/∂p,    p ← p - η v    (momentum)
///
/// and a trainer, which goes through the examples in batches. Here they have the names `Sequential`, `Loss`, `Optimizer` and
/// `Trainer`. A loader that hands out batches in a new order in each pass is `Dataset`, and a transform of the inputs is
/// `Standardization`.
///
/// The book's network foretells prices of houses: 13 units of tanh, of whose outputs a fifth is dropped, and one output. Its
/// "decay" goes from 0.001 to 0.001, and so does nothing; here the rate does fall, to a tenth.
public struct ModelOptimizerLossTrainer: Lesson {
    public static let about = About(
        "7.2", "Model, optimizer, loss, trainer",
        shows: "A network with dropout and momentum, with and without a rate that decays.", data: .table, seconds: 1)

    public var epochs = 100

    public init() {}

    public func run(with materials: Materials) throws -> Report {
        let table = try materials.regression()
        let scale = try Standardization(fittedTo: table.training)
        let training = table.training.standardized(by: scale), test = table.test.standardized(by: scale)
        let columns = training.inputShape.count

        func fit(_ schedule: LearningRateShape) throws -> (losses: [Double], test: Evaluation) {
            let model = Sequential(seed: 20_190_325, in: materials.context) {
                Dense(columns, 13)
                Activation.tanh
                Dropout(0.2)
                Dense(13, 1)
            }
            let trainer = Trainer(
                model, loss: .squaredError, optimizer: .momentum(rate: 0.001, momentum: 0.9),
                metrics: [.rootMeanSquareError, .meanAbsoluteError], schedule: schedule, in: materials.context)
            var losses: [Double] = []
            try trainer.fit(training, batch: 32, epochs: epochs, validation: test) { event in
                if case .epoch(let progress) = event { losses.append(progress.validationLoss ?? .nan) }
            }
            return (losses, try trainer.evaluate(test))
        }

        let constant = try fit(.constant), decaying = try fit(.exponential(finalFraction: 0.1))
        let last = constant.losses[constant.losses.count - 1]
        var rows = [
            Row("squared error after one pass", book: 437.97, here: constant.losses[0], as: .digits(3)),
            Row("after the last", book: 14.368, here: last, as: .digits(3)),
            Row("the root of that", book: 3.79, here: last.squareRoot(), as: .digits(3)),
            Row("best pass", here: constant.test.loss, as: .digits(3)),
            Row("best pass, rate decaying to a tenth", here: decaying.test.loss, as: .digits(3)),
            Row(
                "root mean square error of the best", here: constant.test[.rootMeanSquareError] ?? .nan, as: .digits(3)),
        ]
        if let floor = table.noiseFloor {
            rows.append(Row("no model can be below", here: floor, as: .digits(3)))
        }
        return Report(
            rows,
            takeaway:
                "Four things that know nothing of each other make every experiment of this book: to change one of them "
                + "is to change one line. (The book's prices are in thousands of dollars, the table here is another.)",
            figures: [
                Figure(
                    "7.2-losses", "Squared error on the rows held out, from the fourth pass on.",
                    .curves(
                        [
                            .init("constant rate", constant.losses.fromFourth),
                            .init("decaying rate", decaying.losses.fromFourth),
                        ], x: "pass", y: "squared error"))
            ])
    }
}

extension [Double] {
    /// With the number of the pass; the first ones would flatten all others.
    fileprivate var fromFourth: [(x: Double, y: Double)] { enumerated().dropFirst(3).map { (Double($0 + 1), $1) } }
}
