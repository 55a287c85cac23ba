import Jacquard

/// # 6.5.10 Training, two layers
///
/// The book's third and fourth experiment have an LSTM that reads what another layer has made of the text: a simple layer,
/// trained by AdaGrad, or another LSTM, trained by plain gradient descent with the same rate of 0.01. That is a large one:
/// the gradients are sums over 800 characters, and only their cutting at 2 keeps the steps small.
///
/// Losses as in the lesson before.
public struct TwoLayers: Lesson {
    public static let about = About(
        "6.5.10", "Training, two layers", shows: "The book's third and fourth experiment: an LSTM above another layer.",
        data: .text, seconds: 60)

    public var hidden = 256
    public var between = 128
    public var iterations = 2000

    public init() {}

    public func run(with materials: Materials) throws -> Report {
        let context = materials.context, text = Characters(try materials.text()), size = text.alphabet.count
        func upper() -> Stack.Stage { .init(LSTM(between, hidden), Dense(hidden, size)) }

        let mixed = Stack([.init(RNN(size, hidden), Dense(hidden, between)), upper()], in: context)
        mixed.start(deviations: [0.1, 0.01], in: context)
        var third = CharacterTraining(mixed, on: text, .adagrad(rate: 0.01))
        third.run(iterations, materials, "RNN and LSTM")

        let gated = Stack([.init(LSTM(size, hidden), Dense(hidden, between)), upper()], in: context)
        gated.start(deviations: [0.1, 0.01], in: context)
        var fourth = CharacterTraining(gated, on: text, .sgd(rate: 0.01))
        fourth.run(iterations, materials, "two LSTMs")

        let better = third.natsNow < fourth.natsNow ? "RNN, LSTM by AdaGrad" : "LSTM, LSTM by gradient descent"
        return Report(
            [
                Row("RNN, LSTM by AdaGrad, the book's unit", book: 3.42, here: third.booksUnitNow, as: .digits(2)),
                Row("LSTM, LSTM by descent, the book's unit", book: 3.07, here: fourth.booksUnitNow, as: .digits(2)),
                Row("RNN, LSTM by AdaGrad, nats", here: third.natsNow, as: .digits(2)),
                Row("LSTM, LSTM by descent, nats", here: fourth.natsNow, as: .digits(2)),
            ],
            takeaway: "The best of the book's own recipes here is \(better), at "
                + "\(fixed(min(third.natsNow, fourth.natsNow), 2)) nats after \(iterations) batches.",
            figures: [
                Figure(
                    "6.5.10-two-layers", "Training loss of two layers, mean over a hundred batches.",
                    .curves(
                        [third.curve("RNN, LSTM by AdaGrad"), fourth.curve("LSTM, LSTM by gradient descent")],
                        x: "batches", y: "nats a character"))
            ],
            texts: [
                Excerpt("RNN and LSTM write", third.sample(200, in: context)),
                Excerpt("Two LSTMs write", fourth.sample(200, in: context)),
            ])
    }
}
