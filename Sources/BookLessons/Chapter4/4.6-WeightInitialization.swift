import Jacquard

/// # 4.6 How weights start
///
/// A unit with n inputs of deviation 1 and weights of deviation 1 sums n numbers, which has deviation √n, for 784 inputs 28.
/// tanh of that is -1 or 1 almost always, and there it is flat and lets no gradient through. Glorot and Bengio let weights
/// start smaller the more of them are summed, in the middle between what suits the way forward (√(1 / inputs)) and the way
/// back (√(1 / outputs)):
///
///     deviation of the weights = √(2 / (inputs + outputs))
///
/// When the book was printed its code had left out the root; there is a row for that too.
public struct WeightInitialization: Lesson {
    public static let about = About(
        "4.6", "How weights start",
        shows: "Weights of deviation 1 against Glorot's: outputs of tanh, and what is learned.",
        data: .digits, seconds: 7)

    /// Passes over the digits; the rate has fallen to its last value after so many.
    public var epochs = 25
    /// Each network is trained from so many beginnings; the mean counts.
    public var seeds: [UInt64] = [1, 2]

    public init() {}

    /// Outputs of 256 units with tanh for an input of 784 numbers from N(0, 1), as in the book's illustration.
    func outputs(_ weights: Initializer, _ context: ComputeContext) -> [Double] {
        let layer = Dense(784, 256, weights: weights)
        layer.initialize(seed: 1, in: context)
        let input = RandomStream(seed: 2).normal([1, 784], in: context)
        return layer.predict(input, in: context).values.map { DeterministicMath.tanh(Double($0)) }
    }

    public func run(with materials: Materials) throws -> Report {
        let digits = try materials.digits(), scale = try Standardization(fittedTo: digits.training, isShared: true)
        let training = digits.training.standardized(by: scale), test = digits.test.standardized(by: scale)
        let wide = outputs(.normal(deviation: 1), materials.context), glorot = outputs(.glorotNormal, materials.context)
        func shareOfFlat(_ outputs: [Double]) -> Double { Double(outputs.count { abs($0) > 0.99 }) / 256 }
        var rows = [
            Row("outputs of tanh beyond ±0.99, deviation 1", here: shareOfFlat(wide), as: .percent),
            Row("the same, Glorot", here: shareOfFlat(glorot), as: .percent),
        ]
        var curves: [Figure.Curve] = []

        func train(
            _ name: String, book: Double?, _ starts: (first: Initializer, second: Initializer), biases: Initializer,
            rate: Double, _ decay: LearningRateShape
        ) throws {
            var accuracies: [Double] = [], losses: [(x: Double, y: Double)] = []
            for seed in seeds {
                let model = Sequential(seed: seed, in: materials.context) {
                    Dense(784, 89, weights: starts.first, biases: biases)
                    Activation.tanh
                    Dense(89, 10, weights: starts.second, biases: biases)
                }
                let trainer = Trainer(
                    model, loss: .softmaxCrossEntropy, optimizer: .momentum(rate: rate, momentum: 0.9),
                    metrics: [.accuracy], schedule: decay, seed: seed, in: materials.context)
                let result = try trainer.fit(training, batch: 60, epochs: epochs, validation: test) {
                    guard case .epoch(let progress) = $0 else { return }
                    materials.progress("\(name), epoch \(Int(progress.epoch)) of \(epochs)")
                    if seed == seeds[0], let loss = progress.validationLoss { losses.append((progress.epoch, loss)) }
                }
                accuracies.append(result.validation?[.accuracy] ?? 0)
            }
            rows.append(Row(name, book: book, here: accuracies.reduce(0, +) / Double(seeds.count), as: .percent))
            curves.append(.init(name, losses))
        }
        let one = Initializer.normal(deviation: 1), zero = Initializer.constant(0)
        let noRoot = (Initializer.normal(deviation: 2 / (784 + 89)), Initializer.normal(deviation: 2 / (89 + 10)))
        let linear = LearningRateShape.linear(finalFraction: 1.0 / 3)
        let exponential = LearningRateShape.exponential(finalFraction: 1.0 / 4)
        try train("deviation 1, linear decay", book: 0.9598, (one, one), biases: one, rate: 0.15, linear)
        try train("Glorot, linear decay", book: nil, (.glorotNormal, .glorotNormal), biases: zero, rate: 0.15, linear)
        try train("without the root, linear decay", book: 0.9669, noRoot, biases: zero, rate: 0.15, linear)
        try train("deviation 1, exponential decay", book: 0.9575, (one, one), biases: one, rate: 0.2, exponential)
        try train(
            "Glorot, exponential decay", book: nil, (.glorotNormal, .glorotNormal), biases: zero, rate: 0.2, exponential
        )
        try train("without the root, exponential decay", book: 0.9648, noRoot, biases: zero, rate: 0.2, exponential)
        let accuracies = rows.dropFirst(2).compactMap(\.value)
        let pays = accuracies[1] > accuracies[0] && accuracies[4] > accuracies[3]
        return Report(
            rows,
            takeaway:
                "Glorot's weights come from \(rows[2].here) to \(rows[3].here), and from \(rows[5].here) to \(rows[6].here), "
                + "and only the start has changed: weights that start too large begin where tanh is flat"
                + (pays ? "." : ", which here does not always cost anything."),
            figures: [
                Figure(
                    "4.6-losses", "Cross-entropy of the test digits after each pass, from the first beginning.",
                    .curves(curves, x: "epoch", y: "nats")),
                Figure(
                    "4.6-outputs", "How many of 256 outputs of tanh are how large: N(0, 1) drives them to the ends.",
                    .curves(
                        [.init("deviation 1", histogram(wide)), .init("Glorot", histogram(glorot))], x: "tanh",
                        y: "units")),
            ])
    }

    /// Outputs in each of twenty parts of -1…1.
    func histogram(_ outputs: [Double]) -> [(x: Double, y: Double)] {
        (0..<20).map { part in
            (Double(part) / 10 - 0.95, Double(outputs.count { min(19, Int(($0 + 1) * 10)) == part }))
        }
    }
}
