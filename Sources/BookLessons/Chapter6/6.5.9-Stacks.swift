import Jacquard

/// # 6.5.9 Stacks that mix kinds
///
/// What one recurrent layer gives out at each step is what the next one reads, whatever kinds they are. In the book each
/// layer ends in a projection of its own, h V + b, so its output may be wider or narrower than its state; that of the
/// last layer gives a number for each character. Each layer has a state of its own to carry.
///
/// The book's counts of parameters follow from its shapes; it does not print them.
public struct Stacks: Lesson {
    public static let about = About(
        "6.5.9", "Stacks that mix kinds",
        shows: "Five models of the book, number for number, and one with all three cells.",
        data: .text, seconds: 1)

    public var hidden = 256
    public var steps = 30

    public init() {}

    public func run(with materials: Materials) throws -> Report {
        let context = materials.context, text = Characters(try materials.text()), size = text.alphabet.count
        func count(_ stages: [Stack.Stage]) -> Double { Double(Stack(stages, in: context).parameterCount) }
        func rnn(_ inputs: Int, to outputs: Int) -> Stack.Stage { .init(RNN(inputs, hidden), Dense(hidden, outputs)) }
        func lstm(_ inputs: Int, to outputs: Int) -> Stack.Stage { .init(LSTM(inputs, hidden), Dense(hidden, outputs)) }
        func gru(_ inputs: Int, to outputs: Int) -> Stack.Stage { .init(BookGRU(inputs, hidden, outputs: outputs)) }

        let mixed = Stack([gru(size, to: 48), rnn(48, to: 32), lstm(32, to: size)], in: context)
        var optimizer = OptimizerState(.adam(rate: 0.003), for: mixed.parameters), losses: [Double] = []
        var states: [RecurrentState?] = [nil, nil, nil]
        for step in 0..<steps {
            let (inputs, targets) = text.windows(at: step * 8, count: 8, length: 20), tape = Tape(in: context)
            let (logits, after) = mixed(tape.constant(inputs), from: states),
                loss = logits.softmaxCrossEntropy(targets: targets)
            optimizer.update(along: tape.backward(from: loss))
            states = after
            losses.append(Double(loss.value.scalar))
        }
        let first = losses[0], last = losses.suffix(5).reduce(0, +) / 5
        return Report(
            [
                Row("RNN", book: 97_598, here: count([rnn(size, to: size)]), as: .digits(0)),
                Row("LSTM", book: 342_590, here: count([lstm(size, to: size)]), as: .digits(0)),
                Row(
                    "RNN, LSTM", book: 524_734, here: count([rnn(size, to: 128), lstm(128, to: size)]), as: .digits(0)),
                Row(
                    "LSTM, LSTM", book: 769_726, here: count([lstm(size, to: 128), lstm(128, to: size)]), as: .digits(0)
                ),
                Row(
                    "GRU, LSTM", book: 688_062, here: count([gru(size, to: 128), lstm(128, to: size)]), as: .digits(0)),
                Row("GRU, RNN, LSTM, first loss in nats", here: first, as: .digits(3)),
                Row("GRU, RNN, LSTM, after \(steps) steps", here: last, as: .digits(3)),
            ],
            takeaway:
                "A stack asks of its layers only that each turns a sequence and a state into a sequence and a state.")
    }
}

/// What turns a sequence, and the state before it, into a sequence and the state after it.
protocol Recurrent: Layer {
    func callAsFunction(_ x: Variable, from state: RecurrentState?) -> (output: Variable, state: RecurrentState)
}
extension RNN: Recurrent {}
extension GRU: Recurrent {}
extension LSTM: Recurrent {}
extension BookGRU: Recurrent {}

/// Recurrent layers of any kind, one above the other, each with its projection.
struct Stack: Layer {
    struct Stage {
        let cell: any Recurrent
        /// Nil in a cell that projects its state itself.
        let projection: Dense?

        init(_ cell: any Recurrent, _ projection: Dense? = nil) { (self.cell, self.projection) = (cell, projection) }
    }
    let stages: [Stage]

    init(_ stages: [Stage], seed: UInt64 = 1, in context: ComputeContext) {
        self.stages = stages
        initialize(seed: seed, in: context)
    }

    func callAsFunction(_ x: Variable, mode: Mode) -> Variable { self(x, from: stages.map { _ in nil }).output }

    /// [N, T, D] to [N, T, outputs of the last stage], from a state of each stage to its next.
    func callAsFunction(_ x: Variable, from states: [RecurrentState?]) -> (output: Variable, states: [RecurrentState]) {
        var x = x, after: [RecurrentState] = []
        for (stage, state) in zip(stages, states) {
            let (h, next) = stage.cell(x, from: state)
            x = stage.projection?(h) ?? h
            after.append(next)
        }
        return (x, after)
    }
}
