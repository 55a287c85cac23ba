import Jacquard

/// # 3.7 Optimizer and trainer
///
/// The step p ← p - rate · g is only the simplest way to use a gradient, so the book gives it a class of its own, the
/// optimizer; and the loop around it, with its batches and its looks at the held-out rows, another, the trainer. The same three
/// roads are here, from everything by hand to one call:
///
///     by hand             for each parameter p: p = p - rate · gradient
///     OptimizerState      update(along: gradients)
///     Trainer             fit(training, batch: 32, epochs: 10)
///
/// From the same first weights, over the same batches, all three must come to the same place.
public struct OptimizerAndTrainer: Lesson {
    public static let about = About(
        "3.7", "Optimizer and trainer", shows: "Three ways to write the same training.", data: .table, seconds: 0.2)

    public var epochs = 10
    public var batch = 32
    public var rate = 0.01
    public var seed: UInt64 = 20_190_501

    public init() {}

    public func run(with materials: Materials) throws -> Report {
        let table = try materials.regression(), context = materials.context
        let scale = try Standardization(fittedTo: table.training)
        let training = table.training.standardized(by: scale), test = table.test.standardized(by: scale)
        func network() -> Sequential { NetworkAndBatches().network(training.inputShape.count, in: context) }
        func gradients(_ model: Sequential, _ positions: [Int]) throws -> Gradients {
            let rows = try training.batch(positions), tape = Tape(in: context)
            return tape.backward(from: model(tape.constant(rows.inputs)).squaredError(to: rows.targets.numbers))
        }

        let byHand = network()
        for epoch in 0..<epochs {
            for positions in training.batches(of: batch, seed: seed, epoch: epoch) {
                let gradients = try gradients(byHand, positions)
                for parameter in byHand.parameters {
                    guard let gradient = gradients[parameter] else { continue }
                    parameter.value = parameter.value - Float(rate) * gradient
                }
            }
        }

        let byOptimizer = network()
        var optimizer = OptimizerState(.sgd(rate: rate), for: byOptimizer.parameters)
        for epoch in 0..<epochs {
            for positions in training.batches(of: batch, seed: seed, epoch: epoch) {
                optimizer.update(along: try gradients(byOptimizer, positions))
            }
        }

        let byTrainer = network()
        let trainer = Trainer(
            byTrainer, loss: .squaredError, optimizer: .sgd(rate: rate), metrics: [.rootMeanSquareError], seed: seed,
            in: context)
        try trainer.fit(training, batch: batch, epochs: epochs)

        func error(_ model: Sequential) throws -> Double {
            let judge = Trainer(
                model, loss: .squaredError, optimizer: .sgd(rate: rate), metrics: [.rootMeanSquareError], in: context)
            return try judge.evaluate(test)[.rootMeanSquareError] ?? .nan
        }
        func distance(_ a: Sequential, _ b: Sequential) -> Double {
            let distances = zip(a.parameters, b.parameters).map { ($0.value - $1.value).map(abs).values.max() ?? 0 }
            return Double(distances.max() ?? 0)
        }
        return Report(
            [
                Row("by hand: root mean square error", here: try error(byHand)),
                Row("by optimizer: root mean square error", here: try error(byOptimizer)),
                Row("by trainer: root mean square error", here: try error(byTrainer)),
                Row("weights, by hand to optimizer, at most", here: distance(byHand, byOptimizer), as: .digits(6)),
                Row("weights, optimizer to trainer, at most", here: distance(byOptimizer, byTrainer), as: .digits(6)),
            ],
            takeaway:
                "The trainer does nothing that a loop by hand would not; it is there so that one need not write the loop."
        )
    }
}
