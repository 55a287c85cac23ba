import Jacquard

/// # 4.7 Dropout
///
/// A network with more weights than examples can learn them by heart, and then knows little of others. Dropout makes that
/// hard: in each step of training every hidden unit is dropped with probability 0.2, its output zero, so that no unit can rely
/// on another one to be there. When the network is used, all units are there.
///
/// So that a sum over units stays as large as it was, the engine multiplies those that are kept by 1 / 0.8 while training:
///
///     training:  y = x · mask / 0.8,  where mask is 0 with probability 0.2, else 1          use:  y = x
///
/// The book leaves them as they are while training and multiplies by 0.8 in use, which comes to the same.
public struct DroppingUnits: Lesson {
    public static let about = About(
        "4.7", "Dropout", shows: "Networks of two and three layers, with all units and with a fifth of them dropped.",
        data: .digits, seconds: 10)

    /// Passes over the digits of the network with two layers; the deeper one has twice as many. Training ends when ten in a
    /// row bring no lower loss on the test digits.
    public var epochs = 50
    /// Each network is trained from so many beginnings; the mean counts.
    public var seeds: [UInt64] = [1, 2]

    public init() {}

    public func run(with materials: Materials) throws -> Report {
        let digits = try materials.digits(), scale = try Standardization(fittedTo: digits.training, isShared: true)
        let training = digits.training.standardized(by: scale), test = digits.test.standardized(by: scale)
        var rows = mask(materials.context), curves: [Figure.Curve] = []

        func train(_ name: String, book: Double, hidden: [Int], dropping: Float, epochs: Int)
            throws
        {
            var results: [Evaluation] = [], losses: [(x: Double, y: Double)] = []
            for seed in seeds {
                let model = Sequential(seed: seed, in: materials.context) {
                    for (inputs, outputs) in zip([784] + hidden, hidden) {
                        Dense(inputs, outputs, weights: .glorotNormal)
                        Activation.tanh
                        Dropout(dropping)
                    }
                    Dense(hidden[hidden.count - 1], 10, weights: .glorotNormal)
                }
                let trainer = Trainer(
                    model, loss: .softmaxCrossEntropy, optimizer: .momentum(rate: 0.2, momentum: 0.9),
                    metrics: [.accuracy], schedule: .exponential(finalFraction: 1.0 / 4), seed: seed,
                    in: materials.context)
                let result = try trainer.fit(training, batch: 60, epochs: epochs, validation: test, patience: 10) {
                    guard case .epoch(let progress) = $0 else { return }
                    materials.progress("\(name), epoch \(Int(progress.epoch)) of \(epochs)")
                    if seed == seeds[0], let loss = progress.validationLoss { losses.append((progress.epoch, loss)) }
                }
                if let best = result.validation { results.append(best) }
            }
            func mean(_ value: (Evaluation) -> Double) -> Double {
                results.map(value).reduce(0, +) / Double(results.count)
            }
            rows.append(Row(name, book: book, here: mean { $0[.accuracy] ?? 0 }, as: .percent))
            rows.append(Row("its cross-entropy, \(name)", here: mean(\.loss)))
            curves.append(.init(name, losses))
        }
        try train("89 units, all", book: 0.9648, hidden: [89], dropping: 0, epochs: epochs)
        try train("89 units, dropout", book: 0.9677, hidden: [89], dropping: 0.2, epochs: epochs)
        try train("178 and 46 units, all", book: 0.9608, hidden: [178, 46], dropping: 0, epochs: 2 * epochs)
        try train("178 and 46 units, dropout", book: 0.9734, hidden: [178, 46], dropping: 0.2, epochs: 2 * epochs)
        return Report(
            rows,
            takeaway:
                "With dropout the loss on digits that were not learned goes from \(rows[3].here) to \(rows[5].here) nats with 89 "
                + "units, and from \(rows[7].here) to \(rows[9].here) in the deeper network: it pays as far as a network "
                + "learns its own digits by heart.",
            figures: [
                Figure(
                    "4.7-losses", "Cross-entropy of the test digits after each pass, from the first beginning.",
                    .curves(curves, x: "epoch", y: "nats"))
            ])
    }

    /// What becomes of ten thousand ones.
    func mask(_ context: ComputeContext) -> [Row] {
        let layer = Dropout(0.2), tape = Tape(in: context)
        layer.initialize(seed: 1, in: context)
        let ones = tape.constant(Tensor(repeating: 1, shape: [10_000]))
        let dropped = layer(ones, mode: .training(RandomStream(seed: 1))).value.values
        return [
            Row("of 10,000 ones dropped in training", here: Double(dropped.count { $0 == 0 }) / 10_000, as: .percent),
            Row("mean of all of them", here: dropped.reduce(0) { $0 + Double($1) } / 10_000),
        ]
    }
}
