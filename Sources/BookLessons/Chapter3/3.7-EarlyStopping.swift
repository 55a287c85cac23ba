import Jacquard

/// # 3.7 Early stopping, and which weights one is left with
///
/// Train long enough on few rows and the network learns their noise: the loss of the rows it sees goes on falling, that of
/// held-out rows turns and rises. So look at the held-out rows every ten passes, stop when they say it has become worse, and
/// go back to the best weights,
///
///     w* = the weights of the look with the least held-out loss
///
/// The book's trainer means to. But it makes its copy at the beginning of the pass in which it looks, so after the look at
/// pass 20 it has those of pass 19, not of 10; and what it puts back is only its own reference: the model in the caller's
/// hands keeps the last weights. `Trainer.fit` leaves the best ones in the model.
public struct EarlyStopping: Lesson {
    public static let about = About(
        "3.7", "Early stopping", shows: "Which weights one is left with when training has gone too far.", data: .table,
        seconds: 0.3)

    /// Rows to learn from: few, so that there is something to be stopped.
    public var rows = 60
    public var epochs = 600
    /// Passes between two looks.
    public var lookEvery = 10
    public var rate = 0.02
    public var seed: UInt64 = 20_190_501

    public init() {}

    public func run(with materials: Materials) throws -> Report {
        let table = try materials.regression(), context = materials.context
        let few = table.training[0..<min(rows, table.training.count)], scale = try Standardization(fittedTo: few)
        let training = few.standardized(by: scale), heldOut = table.test.standardized(by: scale)
        func trainer() -> Trainer {
            let model = Sequential(seed: seed, in: context) {
                Dense(training.inputShape.count, 13)
                Activation.tanh
                Dense(13, 1)
            }
            return Trainer(model, loss: .squaredError, optimizer: .sgd(rate: rate), seed: seed, in: context)
        }

        // By hand, to the end, keeping the weights of every pass.
        let byHand = trainer(), model = byHand.model
        var optimizer = OptimizerState(.sgd(rate: rate), for: model.parameters)
        var kept: [NamedTensors] = [], losses: [Double] = [], trainingLosses: [Double] = []
        for epoch in 0..<epochs {
            for positions in training.batches(of: 32, seed: seed, epoch: epoch) {
                let batch = try training.batch(positions), tape = Tape(in: context)
                let answers = model(tape.constant(batch.inputs), mode: .inference)
                optimizer.update(along: tape.backward(from: answers.squaredError(to: batch.targets.numbers)))
            }
            kept.append(model.weights)
            losses.append(try byHand.evaluate(heldOut).loss)
            trainingLosses.append(try byHand.evaluate(training).loss)
        }
        // Looks at passes 10, 20, …: the first that is worse than the best before it.
        let looks = stride(from: lookEvery, through: epochs, by: lookEvery).map { $0 }
        var best = looks[0], stop = epochs
        for look in looks.dropFirst() {
            guard losses[look - 1] < losses[best - 1] else {
                stop = look
                break
            }
            best = look
        }

        // By the trainer.
        let ours = trainer()
        let report = try ours.fit(
            training, batch: 32, epochs: epochs, validation: heldOut, validateEvery: lookEvery, patience: 1)
        let left = try ours.evaluate(heldOut).loss
        let distance = zip(ours.model.weights, kept[best - 1]).map {
            ($0.tensor - $1.tensor).map(abs).values.max() ?? 0
        }

        func curve(_ name: String, _ losses: [Double]) -> Figure.Curve {
            .init(name, looks.map { (Double($0), losses[$0 - 1]) })
        }
        let figure = Figure(
            "3.7-early-stopping", "The loss of \(rows) rows that are learned from, and of those held out.",
            .curves([curve("learned from", trainingLosses), curve("held out", losses)], x: "pass", y: "loss"))
        return Report(
            [
                Row("best look, at pass \(best): held-out loss", here: losses[best - 1]),
                Row("left by Trainer.fit", here: left),
                Row(
                    "its weights to those of pass \(best), at most", here: Double(distance.max() ?? .nan),
                    as: .digits(6)),
                Row("stopped at the look of pass", here: Double(stop), as: .digits(0)),
                Row("as in the book: its copy, of pass \(stop - 1)", here: losses[stop - 2]),
                Row("as in the book: what the caller holds, of \(stop)", here: losses[stop - 1]),
                Row("without stopping, after \(epochs) passes", here: losses[epochs - 1]),
            ],
            takeaway: report.endedEarly
                ? "Stopping early is worth as much as the weights one is left with: a copy must be made when a look finds it best, "
                    + "not when the next look begins."
                : "Nothing became worse here, so there was nothing to stop.",
            figures: [figure])
    }
}
