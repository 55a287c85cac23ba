import Jacquard

/// # 7.4 An LSTM, with validation
///
/// The LSTM of the book's chapter on PyTorch: 62 hidden units and a dense layer; the mean of the losses, not their sum; Adam
/// with a weight decay of 0.00001. And for the first time a part of the text, its last fifth, that the network never learns
/// from: cut into windows that do not overlap, it tells after one pass over the rest what the network has learned.
///
/// Windows still begin one character apart, so each character is learned from fifty times in that one pass. A text can be
/// read otherwise: lanes of it side by side, each going on where it stopped, each with its own state. That, a larger
/// network, a rate that falls, dropout and many passes are what `TextModel` makes of a text when nobody says anything, here
/// with the same first four fifths, of which it holds out a tenth to choose its weights by.
public struct NextCharacter: Lesson {
    public static let about = About(
        "7.4", "An LSTM, with validation", shows: "The book's LSTM for text, and a `TextModel` of the same text.",
        data: .text, seconds: 18)

    /// The book's, who has as many characters.
    public var hidden = 62
    public var length = 50
    public var batch = 32
    /// Batches; nil: one pass.
    public var iterations: Int?
    /// Of the text model.
    public var epochs = 10.0

    public init() {}

    public func run(with materials: Materials) throws -> Report {
        let context = materials.context, whole = try materials.text(), text = Characters(whole)
        let size = text.alphabet.count, trained = text.ids.count * 4 / 5
        let lstm = LSTM(size, hidden), dense = Dense(hidden, size)
        let model = Sequential(seed: 121_718, in: context) {
            lstm
            dense
        }
        var optimizer = OptimizerState(.adam(rate: 0.001, weightDecay: 1e-5), for: model.parameters)
        var state: RecurrentState?, losses: [Double] = [], curve: [(x: Double, y: Double)] = []

        /// Nats a character over the windows of the last fifth, each from a state of zeros, some of them at a time.
        func validationLoss() -> Double {
            let starts = Array(stride(from: trained, to: text.ids.count - length, by: length))
            var nats = 0.0
            for first in stride(from: 0, to: starts.count, by: 64) {
                let windows = starts[first...].prefix(64).map { text.windows(at: $0, count: 1, length: length) }
                let inputs = Tensor(windows.flatMap(\.inputs.values), shape: [windows.count, length, size])
                let answers = Tape(in: context, recording: false).constant(model.predict(inputs))
                let loss = answers.softmaxCrossEntropy(targets: windows.flatMap(\.targets)).value.scalar
                nats += Double(loss) * Double(windows.count)
            }
            return nats / Double(starts.count)
        }
        /// The same of the last fifth read as one stream, each window from the state after the one before it.
        func streamLoss() -> Double {
            var state: RecurrentState?, nats = 0.0
            let last = text.ids.count - 1
            for start in stride(from: trained, to: last, by: length) {
                let (inputs, targets) = text.windows(at: start, count: 1, length: min(length, last - start))
                let (h, after) = lstm(Tape(in: context, recording: false).constant(inputs), from: state)
                nats += Double(dense(h).softmaxCrossEntropy(targets: targets).value.scalar) * Double(targets.count)
                state = after
            }
            return nats / Double(last - trained)
        }
        curve.append((0, validationLoss()))
        let positions = Array(stride(from: 0, to: trained - batch - length, by: batch)).prefix(iterations ?? .max)
        for (step, position) in positions.enumerated() {
            let (inputs, targets) = text.windows(at: position, count: batch, length: length), tape = Tape(in: context)
            let (h, after) = lstm(tape.constant(inputs), from: state)
            let loss = dense(h).softmaxCrossEntropy(targets: targets)
            optimizer.update(along: tape.backward(from: loss))
            state = after.meanOverRows
            losses.append(Double(loss.value.scalar))
            guard (step + 1) % 100 == 0 else { continue }
            materials.progress("batch \(step + 1) of \(positions.count), \(fixed(losses.suffix(100).mean, 2)) nats")
            if (step + 1) % 500 == 0 { curve.append((Double(step + 1), validationLoss())) }
        }
        let validated = validationLoss(), streamed = streamLoss(), last = text.text(Array(text.ids[trained...]))

        var options = TextOptions()
        options.epochs = epochs
        let poet = try TextModel.train(onText: text.text(Array(text.ids[..<trained])), options: options, in: context) {
            if $0.step % 10 == 0 { materials.progress("text model, \($0)") }
        }
        let score = try poet.score(last).natsPerCharacter
        return Report(
            [
                Row("parameters", book: 35_154, here: Double(model.parameterCount), as: .digits(0)),
                Row("validation before, nats", here: curve[0].y, as: .digits(3)),
                Row("validation after one pass, nats", book: 2.331, here: validated, as: .digits(3)),
                Row("training, last hundred batches, nats", here: losses.suffix(100).mean, as: .digits(3)),
                Row("the last fifth as one stream, nats", here: streamed, as: .digits(3)),
                Row("text model, parameters", here: Double(poet.parameterCount), as: .digits(0)),
                Row("text model, the same stream, nats", here: score, as: .digits(3)),
            ],
            takeaway: "One pass brings the book's LSTM from \(fixed(curve[0].y, 2)) to \(fixed(validated, 2)) nats a "
                + "character on a text it has not seen. Read as one stream that is \(fixed(streamed, 2)), and a text model "
                + "with its own sizes and schedule comes to \(fixed(score, 2)).",
            figures: [
                Figure(
                    "7.4-next-character", "Loss in nats a character: of batches, and of the last fifth of the text.",
                    .curves(
                        [
                            .init("training", hundreds(losses)),
                            .init("validation", curve + [(Double(losses.count), validated)]),
                        ], x: "batches", y: "nats a character"))
            ],
            texts: [Excerpt("The text model writes", try poet.write(length: 200, temperature: 1, seed: 7))])
    }

    /// The mean of each hundred losses, at its end.
    private func hundreds(_ losses: [Double]) -> [(x: Double, y: Double)] {
        stride(from: 100, through: losses.count, by: 100).map { (Double($0), losses[..<$0].suffix(100).mean) }
    }
}

extension Collection where Element == Double {
    /// Their sum divided by their number.
    fileprivate var mean: Double { reduce(0, +) / Double(count) }
}
