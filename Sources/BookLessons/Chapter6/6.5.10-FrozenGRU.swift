import Jacquard

/// # 6.5.10 Training, a GRU that learns and one that does not
///
/// The book's fifth experiment is a GRU below an LSTM, and the GRU learns nothing but its projection (6.5.5). The loss
/// hides it: the LSTM above makes something of whatever a layer with weights by chance hands it. And putting the mistake
/// right is not enough: the book starts the GRU's projection with numbers of size 1, ten times those of its gates. As
/// long as its gates stand still, this does no harm; once they learn, large gradients come back to them through it.
///
/// So there are two pairs: both stacks in the book's recipe; then one GRU alone, with the weights started small as
/// elsewhere (Glorot), where nothing above can hide what it does.
public struct FrozenGRU: Lesson {
    public static let about = About(
        "6.5.10", "A GRU that learns, and one that does not",
        shows: "The book's fifth experiment, its GRU as printed and put right.", data: .text, seconds: 65)

    public var hidden = 256
    public var between = 128
    public var iterations = 2000
    /// Of the GRU alone.
    public var iterationsAlone = 1000

    public init() {}

    public func run(with materials: Materials) throws -> Report {
        let context = materials.context, text = Characters(try materials.text()), size = text.alphabet.count

        /// The fifth experiment.
        func stack(asPrinted: Bool, _ name: String) -> CharacterTraining {
            let gru = BookGRU(size, hidden, outputs: between, asPrinted: asPrinted)
            let stack = Stack([.init(gru), .init(LSTM(between, hidden), Dense(hidden, size))], in: context)
            stack.start(deviations: [0.1, 0.01], in: context)
            for (stream, parameter) in [gru.biases[2], gru.projection.weight, gru.projection.bias].enumerated() {
                guard let parameter else { continue }
                parameter.value = RandomStream(seed: 2, stream: UInt64(stream)).normal(parameter.shape, in: context)
            }
            var training = CharacterTraining(stack, on: text, .adagrad(rate: 0.01))
            training.run(iterations, materials, name)
            return training
        }
        func alone(asPrinted: Bool, _ name: String) -> CharacterTraining {
            let stack = Stack([.init(BookGRU(size, hidden, outputs: size, asPrinted: asPrinted))], in: context)
            var training = CharacterTraining(stack, on: text, .adagrad(rate: 0.01))
            training.run(iterationsAlone, materials, name)
            return training
        }
        let printed = stack(asPrinted: true, "GRU as printed, LSTM"), right = stack(asPrinted: false, "GRU, LSTM")
        let frozen = alone(asPrinted: true, "GRU alone, as printed"), learning = alone(asPrinted: false, "GRU alone")
        return Report(
            [
                Row("GRU as printed, LSTM, the book's unit", book: 3.70, here: printed.booksUnitNow, as: .digits(2)),
                Row("GRU as printed, LSTM, nats", here: printed.natsNow, as: .digits(2)),
                Row("GRU put right, LSTM, nats", here: right.natsNow, as: .digits(2)),
                Row("GRU alone as printed, small start, nats", here: frozen.natsNow, as: .digits(2)),
                Row("GRU alone put right, small start, nats", here: learning.natsNow, as: .digits(2)),
            ],
            takeaway:
                "Alone and started small, the GRU put right comes to \(fixed(learning.natsNow, 2)) nats and the one "
                + "that stands still to \(fixed(frozen.natsNow, 2)). In the book's recipe it is "
                + "\(fixed(right.natsNow, 2)) and \(fixed(printed.natsNow, 2))"
                + (right.natsNow > printed.natsNow ? ": its start suits only gates that never move." : "."),
            figures: [
                Figure(
                    "6.5.10-frozen-gru", "Training loss with a GRU as printed and put right.",
                    .curves(
                        [
                            printed.curve("as printed, LSTM"), right.curve("put right, LSTM"),
                            frozen.curve("alone as printed"), learning.curve("alone put right"),
                        ], x: "batches", y: "nats a character"))
            ],
            texts: [
                Excerpt("As printed, and LSTM", printed.sample(200, in: context)),
                Excerpt("Alone, put right", learning.sample(200, in: context)),
            ])
    }
}
