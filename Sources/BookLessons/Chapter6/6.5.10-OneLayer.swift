import Jacquard

/// # 6.5.10 Training, one layer
///
/// All together: windows of the text (6.5.7), a stack of layers (6.5.9), the softmax cross-entropy, and a rule that moves
/// the weights. After a batch the mean of its last states is the state that the next one starts from. The book's first two
/// experiments are one simple layer, by gradient descent, and one LSTM, by AdaGrad, with batches of only 3 windows.
///
/// Losses are means over the last hundred batches, in nats a character and in the unit of the book's plots (6.5.7); its
/// numbers are read from those. Neighboring windows overlap, and what they share is learned from before it is scored, so
/// all these losses are lower than those of a text that the network has never seen.
public struct OneLayer: Lesson {
    public static let about = About(
        "6.5.10", "Training, one layer", shows: "The book's first two experiments: a simple layer, and an LSTM.",
        data: .text, seconds: 5)

    public var hidden = 256
    public var iterations = 1000

    public init() {}

    public func run(with materials: Materials) throws -> Report {
        let context = materials.context, text = Characters(try materials.text()), size = text.alphabet.count
        let simple = Stack([.init(RNN(size, hidden), Dense(hidden, size))], in: context)
        simple.start(deviations: [1 / Float(size)], in: context)
        var rnn = CharacterTraining(simple, on: text, length: 10, .sgd(rate: 0.001))
        rnn.run(iterations, materials, "RNN")

        let gated = Stack([.init(LSTM(size, hidden), Dense(hidden, size))], in: context)
        gated.start(deviations: [0.01], in: context)
        var lstm = CharacterTraining(gated, on: text, batch: 3, .adagrad(rate: 0.01))
        lstm.run(iterations, materials, "LSTM")

        func read(_ batch: Int) -> String { "\(iterations * batch * 100 / text.ids.count) %" }
        return Report(
            [
                Row("RNN, the book's unit", book: 3.55, here: rnn.booksUnitNow, as: .digits(2)),
                Row("LSTM, the book's unit", book: 3.73, here: lstm.booksUnitNow, as: .digits(2)),
                Row("RNN, nats a character", here: rnn.natsNow, as: .digits(2)),
                Row("LSTM, nats a character", here: lstm.natsNow, as: .digits(2)),
                Row("of the text, the RNN has read", book: "32 %", here: read(32)),
                Row("of the text, the LSTM has read", book: "3 %", here: read(3)),
            ],
            takeaway:
                "After \(iterations) batches the simple layer is at \(fixed(rnn.natsNow, 2)) nats and the LSTM at "
                + "\(fixed(lstm.natsNow, 2)); but the simple layer has read \(read(32)) of the text and the LSTM "
                + "\(read(3)): this compares what they were given, not the cells.",
            figures: [
                Figure(
                    "6.5.10-one-layer", "Training loss of one layer, mean over a hundred batches.",
                    .curves([rnn.curve("RNN"), lstm.curve("LSTM, batches of 3")], x: "batches", y: "nats a character"))
            ],
            texts: [
                Excerpt("The RNN writes", rnn.sample(200, in: context)),
                Excerpt("The LSTM writes", lstm.sample(200, in: context)),
            ])
    }
}
