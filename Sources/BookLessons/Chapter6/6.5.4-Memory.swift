import Jacquard

/// # 6.5.4 How far back a simple cell remembers
///
/// What the last state owes to an input k steps earlier is a product of k matrices, one for each step between:
///
///     dh(T) / dx(T - k) = D(T) U · D(T - 1) U · … · D(T - k) W    with D = 1 - h²
///
/// A product of many factors below 1 is next to nothing: the gradient vanishes, and the cell cannot learn what lies far
/// back. Larger weights carry it further, up to the border where it grows with each step instead. A GRU and an LSTM (6.5.5,
/// 6.5.6) hand their state on through a gate, by a product and a sum: while the gate is open the factor is near 1.
public struct Memory: Lesson {
    public static let about = About(
        "6.5.4", "How far back a cell remembers", shows: "The gradient on its way back through time, cell by cell.",
        seconds: 1)

    /// Steps of the sequence.
    public var steps = 41
    public var hidden = 64

    public init() {}

    /// The size of the gradient of the last state by the input so many steps back, as a part of that by the last input.
    func reach(of layer: any Layer, in context: ComputeContext) -> [Double] {
        let tape = Tape(in: context)
        let x = tape.variable(RandomStream(seed: 4).normal([8, steps, 16], in: context)),
            last = layer(x, mode: .inference)
        let weights = RandomStream(seed: 5).normal(last.shape, in: context)
        guard let gradient = tape.backward(from: [(last, weights)])[x] else { return [] }
        let sizes = (0..<steps).map { back in
            let numbers = (0..<8).flatMap { gradient.row($0).row(steps - 1 - back).values }
            return numbers.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
        return sizes.map { $0 / sizes[0] }
    }

    public func run(with materials: Materials) -> Report {
        let context = materials.context
        func reach(_ layer: any Layer) -> [Double] {
            layer.initialize(seed: 1, in: context)
            return self.reach(of: layer, in: context)
        }
        let rnn = reach(RNN(16, hidden, returns: .lastStep))
        // Three times the usual size of weights.
        let large = reach(RNN(16, hidden, returns: .lastStep, weights: .uniform(bound: 3 / Float(hidden).squareRoot())))
        let gru = reach(GRU(16, hidden, returns: .lastStep)), lstm = reach(LSTM(16, hidden, returns: .lastStep))
        let back = steps / 2
        func curve(_ name: String, _ sizes: [Double]) -> Figure.Curve {
            .init(
                name,
                sizes.enumerated().map {
                    (Double($0.offset), DeterministicMath.log($0.element) / DeterministicMath.log(10))
                })
        }
        return Report(
            [
                Row("of the gradient, \(back) steps back: RNN", here: rnn[back], as: .digits(7)),
                Row("RNN with weights three times as large", here: large[back], as: .digits(7)),
                Row("GRU", here: gru[back], as: .digits(7)),
                Row("LSTM, its forget gate starting at 1", here: lstm[back], as: .digits(7)),
            ],
            takeaway: "Going back \(back) steps the gradient of a fresh GRU keeps "
                + "\(fixed(gru[back] / rnn[back], 0)) times as much of itself as that of a simple cell, that of an LSTM "
                + "\(fixed(lstm[back] / rnn[back], 0)) times. Weights three times as large carry it too, but nothing holds them there.",
            figures: [
                Figure(
                    "6.5.4-memory", "Gradient of the last state by the input k steps back, powers of ten.",
                    .curves(
                        [
                            curve("RNN", rnn), curve("RNN, large weights", large), curve("GRU", gru),
                            curve("LSTM", lstm),
                        ], x: "steps back", y: "power of ten"))
            ])
    }
}
