import Jacquard

/// # 4.5 Learning rate decay
///
/// Far from the goal large steps are good; close to it they jump over it. So the rate falls while training goes on, from a
/// first to a last value, by the same amount or by the same factor in each step t of T:
///
///     linear        rate_t = first - (first - last) · t / T
///     exponential   rate_t = first · (last / first)^(t / T)
///
/// The book compares rates that fall from 0.15 or 0.2 with one of 0.1 throughout, and finds them better. Two things differ
/// there: the rate falls, and it begins higher. So there are rows with the first rate throughout. And since the gradient of
/// few digits jumps about more than that of many, and weights of deviation 1 barely move (4.6), there are rows with 10
/// digits a step and small weights, all from the same first rate.
///
/// The book changes the rate after each pass, the engine after each batch; both begin and end alike.
public struct LearningRateDecay: Lesson {
    public static let about = About(
        "4.5", "Learning rate decay", shows: "A constant rate against one that falls linearly or exponentially.",
        data: .digits, seconds: 9)

    /// Passes over the digits; the rate has fallen to its last value after so many.
    public var epochs = 25
    /// The same where a step sees 10 digits.
    public var epochsOfSmallBatches = 10
    /// Each network is trained from so many beginnings; the mean counts.
    public var seeds: [UInt64] = [1, 2]

    public init() {}

    func linear(_ done: Double, from first: Double, to last: Double) -> Double { first - (first - last) * done }
    func exponential(_ done: Double, from first: Double, to last: Double) -> Double {
        first * DeterministicMath.pow(last / first, done)
    }

    public func run(with materials: Materials) throws -> Report {
        let digits = try materials.digits(), scale = try Standardization(fittedTo: digits.training, isShared: true)
        let training = digits.training.standardized(by: scale), test = digits.test.standardized(by: scale)
        var rows: [Row] = [], curves: [Figure.Curve] = []

        func train(
            _ name: String, book: Double? = nil, rate: Double, _ decay: LearningRateShape, batch: Int = 60,
            start: Initializer = .normal(deviation: 1)
        ) throws {
            var accuracies: [Double] = [], losses: [(x: Double, y: Double)] = []
            let epochs = batch == 60 ? epochs : epochsOfSmallBatches
            for seed in seeds {
                let model = Sequential(seed: seed, in: materials.context) {
                    Dense(784, 89, weights: start, biases: start)
                    Activation.tanh
                    Dense(89, 10, weights: start, biases: start)
                }
                let trainer = Trainer(
                    model, loss: .softmaxCrossEntropy, optimizer: .momentum(rate: rate, momentum: 0.9),
                    metrics: [.accuracy], schedule: decay, seed: seed, in: materials.context)
                let result = try trainer.fit(training, batch: batch, epochs: epochs, validation: test) {
                    guard case .epoch(let progress) = $0 else { return }
                    materials.progress("\(name), epoch \(Int(progress.epoch)) of \(epochs)")
                    if seed == seeds[0], let loss = progress.validationLoss { losses.append((progress.epoch, loss)) }
                }
                accuracies.append(result.validation?[.accuracy] ?? 0)
            }
            rows.append(Row(name, book: book, here: accuracies.reduce(0, +) / Double(seeds.count), as: .percent))
            if batch < 60 { curves.append(.init(name, losses)) }
        }
        try train("0.1 throughout", book: 0.9536, rate: 0.1, .constant)
        try train("0.15 to 0.05, linear", book: 0.9598, rate: 0.15, .linear(finalFraction: 1.0 / 3))
        try train("0.2 to 0.05, exponential", book: 0.9575, rate: 0.2, .exponential(finalFraction: 1.0 / 4))
        try train("0.15 throughout", rate: 0.15, .constant)
        try train("0.2 throughout", rate: 0.2, .constant)
        let small = Initializer.glorotNormal
        try train("10 digits a step, 0.1 throughout", rate: 0.1, .constant, batch: 10, start: small)
        try train("10, 0.1 to 0.01, linear", rate: 0.1, .linear(finalFraction: 0.1), batch: 10, start: small)
        try train("10, 0.1 to 0.01, exponential", rate: 0.1, .exponential(finalFraction: 0.1), batch: 10, start: small)
        return Report(
            rows,
            takeaway:
                "From the same first rate: \(rows[5].here) if it stays, \(rows[6].here) if it falls linearly, "
                + "\(rows[7].here) exponentially. In the book's comparison the higher first rate alone comes to "
                + "\(rows[3].here) and \(rows[4].here).",
            figures: [
                Figure(
                    "4.5-losses", "Cross-entropy of the test digits after each pass with 10 digits a step.",
                    .curves(curves, x: "epoch", y: "nats")),
                Figure(
                    "4.5-rates", "The two ways down from 0.2 to 0.05.",
                    .curves(
                        [
                            .init("linear", shares.map { ($0, linear($0, from: 0.2, to: 0.05)) }),
                            .init("exponential", shares.map { ($0, exponential($0, from: 0.2, to: 0.05)) }),
                        ], x: "share of the steps", y: "rate")),
            ])
    }

    var shares: [Double] { (0...50).map { Double($0) / 50 } }
}
