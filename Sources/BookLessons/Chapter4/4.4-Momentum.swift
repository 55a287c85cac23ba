import Jacquard

/// # 4.4 Momentum
///
/// Gradient descent forgets each step. With momentum the gradient does not move the weights but pushes a velocity, of which
/// nine tenths stay from step to step:
///
///     v = 0.9 v + gradient,   w = w - rate · v
///
/// So a step is the sum of all gradients so far, the older the lighter: g + 0.9 g' + 0.81 g'' + …. Where they agree, the
/// velocity grows to ten gradients; where they point to and fro, they cancel. A long valley shows both: along its bed the
/// slope is small and always the same way, across it is steep and changes sides.
public struct Momentum: Lesson {
    public static let about = About(
        "4.4", "Momentum", shows: "Plain gradient descent against momentum, in a valley and on digits.", data: .digits,
        seconds: 8)

    /// Passes over the digits at most. Training ends when ten in a row bring no lower loss on the test digits.
    public var epochs = 50
    /// Each network is trained from so many beginnings; the mean counts.
    public var seeds: [UInt64] = [1, 2]

    public init() {}

    /// Steps from (10, 1) until f = ½ (x² + 50 y²) is below 0.001. The rate is as large as the steep walls allow.
    func stepsThroughAValley(momentum: Double, rate: Double = 0.03) -> Int {
        var (x, y) = (10.0, 1.0), velocity = (x: 0.0, y: 0.0), steps = 0
        while (x * x + 50 * y * y) / 2 > 0.001 {
            velocity = (momentum * velocity.x + x, momentum * velocity.y + 50 * y)
            x -= rate * velocity.x
            y -= rate * velocity.y
            steps += 1
        }
        return steps
    }

    public func run(with materials: Materials) throws -> Report {
        let digits = try materials.digits(), scale = try Standardization(fittedTo: digits.training, isShared: true)
        let training = digits.training.standardized(by: scale), test = digits.test.standardized(by: scale)
        var rows = [
            Row("steps through a valley, plain", here: "\(stepsThroughAValley(momentum: 0))"),
            Row("steps through a valley, momentum", here: "\(stepsThroughAValley(momentum: 0.9))"),
        ]
        var curves: [Figure.Curve] = []

        func train(_ name: String, book: Double, _ activation: Activation, _ optimizer: Optimizer) throws {
            var accuracies: [Double] = [], losses: [(x: Double, y: Double)] = []
            for seed in seeds {
                let model = Sequential(seed: seed, in: materials.context) {
                    Dense(784, 89, weights: .normal(deviation: 1), biases: .normal(deviation: 1))
                    activation
                    Dense(89, 10, weights: .normal(deviation: 1), biases: .normal(deviation: 1))
                }
                let trainer = Trainer(
                    model, loss: .softmaxCrossEntropy, optimizer: optimizer, metrics: [.accuracy], seed: seed,
                    in: materials.context)
                let result = try trainer.fit(
                    training, batch: 60, epochs: epochs, validation: test, patience: 10
                ) { event in
                    guard case .epoch(let progress) = event else { return }
                    materials.progress("\(name), epoch \(Int(progress.epoch)) of \(epochs)")
                    if seed == seeds[0], let loss = progress.validationLoss { losses.append((progress.epoch, loss)) }
                }
                accuracies.append(result.validation?[.accuracy] ?? 0)
            }
            rows.append(Row(name, book: book, here: accuracies.reduce(0, +) / Double(seeds.count), as: .percent))
            curves.append(.init(name, losses))
        }
        try train("sigmoid, plain", book: 0.9104, .sigmoid, .sgd(rate: 0.1))
        try train("sigmoid, momentum", book: 0.9197, .sigmoid, .momentum(rate: 0.1, momentum: 0.9))
        try train("tanh, plain", book: 0.9092, .tanh, .sgd(rate: 0.1))
        try train("tanh, momentum", book: 0.9536, .tanh, .momentum(rate: 0.1, momentum: 0.9))
        let accuracies = rows.dropFirst(2).compactMap(\.value)
        let pays = accuracies[1] > accuracies[0] && accuracies[3] > accuracies[2]
        return Report(
            rows,
            takeaway:
                "At the same rate momentum comes from \(rows[2].here) to \(rows[3].here) with sigmoid, and from "
                + "\(rows[4].here) to \(rows[5].here) with tanh: where gradients agree it goes ten times as far"
                + (pays ? "." : ", which here does not always pay."),
            figures: [
                Figure(
                    "4.4-losses", "Cross-entropy of the test digits after each pass, from the first beginning.",
                    .curves(curves, x: "epoch", y: "nats"))
            ])
    }
}
