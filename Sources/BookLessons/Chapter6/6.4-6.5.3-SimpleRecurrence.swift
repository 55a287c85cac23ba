import Jacquard

/// # 6.4-6.5.3 A recurrent layer
///
/// A layer that reads a sequence has a memory: a hidden state h, from which, and from the step's input x, the next one is
/// made with the same weights at every step:
///
///     h' = tanh([x h] W + b)
///
/// [x h] is both joined to one row, so W holds the weights of the input above those of the state. Nothing new is needed
/// for the gradient: written as steps of a tape, the weights are used once for each step of time, and their gradients
/// add up as in 6.2. The state after the last step may be carried into the next window; no gradient follows it back.
public struct SimpleRecurrence: Lesson {
    public static let about = About(
        "6.4-6.5.3", "A recurrent layer", shows: "The simple cell step by step, and that it is the engine's `RNN`.",
        seconds: 0.1)

    public init() {}

    /// The layer's output after each step, written out.
    /// - Parameter x: [N, T, D].
    func unrolled(_ layer: RNN, _ x: Variable) -> Variable {
        let parameters = layer.parameters.map { x.tape($0) }
        // The engine keeps the two parts apart, [H, D] and [H, H].
        let weights = Variable.concatenate(columns: [parameters[0], parameters[1]]), bias = parameters[2]
        var h = x.tape.constant(Tensor(zeros: [x.shape[0], bias.shape[0]])), outputs: [Variable] = []
        for step in x.transposed(0, 1).unstacked() {
            let joined = Variable.concatenate(columns: [step, h])
            let sums = joined.multiplied(by: weights, transposeOther: true)
            h = (sums + bias.broadcast(to: sums.shape)).tanh()
            outputs.append(h)
        }
        return Variable.stack(outputs).transposed(0, 1)
    }

    public func run(with materials: Materials) -> Report {
        let context = materials.context, layer = RNN(5, 4)
        layer.initialize(seed: 1, in: context)
        let x = RandomStream(seed: 6).normal([3, 7, 5], in: context)
        let same = Likeness(of: layer, to: { unrolled(layer, $0) }, at: x, in: context)

        // The same seven steps as two windows, the second from the state that the first has left.
        let tape = Tape(in: context), all = tape.constant(x)
        let whole = layer(all, from: nil).output.transposed(0, 1).rows(3..<7).transposed(0, 1).value
        func window(_ steps: Range<Int>) -> Variable { all.transposed(0, 1).rows(steps).transposed(0, 1) }
        func second(from state: RecurrentState?) -> Tensor { layer(window(3..<7), from: state).output.value }
        let carried = whole.largestDifference(from: second(from: layer(window(0..<3), from: nil).state))
        let forgotten = whole.largestDifference(from: second(from: nil))
        return Report(
            [
                Row("largest difference of an output", here: same.outputs, as: .digits(9)),
                Row("largest difference of a gradient", here: same.gradients, as: .digits(9)),
                Row("two windows, state carried", here: carried, as: .digits(9)),
                Row("two windows, state forgotten", here: forgotten, as: .digits(9)),
            ],
            takeaway:
                "A recurrent layer is one small layer used again at every step; the tape adds up the gradients of its "
                + "weights, and windows with a carried state are one long sequence.")
    }
}

/// How far a layer lies from the same thing written out.
struct Likeness {
    /// The largest difference of an output.
    let outputs: Double
    /// The largest difference of the gradient of an input or a parameter, as a part of the largest number in it.
    let gradients: Double

    init(
        of layer: any Layer, to written: (Variable) -> Variable, at x: Tensor, in context: ComputeContext
    ) {
        /// The outputs, and the gradients of their sum, weighted with numbers by chance so that all of them count.
        func results(_ function: (Variable) -> Variable) -> (output: Tensor, gradients: [Tensor?]) {
            let tape = Tape(in: context), input = tape.variable(x), y = function(input)
            let weights = RandomStream(seed: 9).normal(y.shape, in: context)
            let found = tape.backward(from: [(y, weights)])
            return (y.value, [found[input]] + layer.parameters.map { found[$0] })
        }
        let one = results { layer($0, mode: .inference) }, other = results(written)
        outputs = one.output.largestDifference(from: other.output)
        gradients = zip(one.gradients, other.gradients).reduce(0) { worst, pair in
            guard let one = pair.0, let other = pair.1 else { return .infinity }
            return max(worst, one.largestDifference(from: other) / Double(one.values.map(abs).max() ?? 1))
        }
    }
}

extension Tensor {
    /// The largest difference of two numbers in the same place.
    func largestDifference(from other: Tensor) -> Double { Double((self - other).values.map(abs).max() ?? 0) }
}
