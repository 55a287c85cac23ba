import Jacquard

/// # 6.5.6 Long short-term memory
///
/// Beside the state h that it shows, the cell has a memory c that nothing multiplies but a gate. Three gates, numbers in
/// 0…1, decide what of it is kept (forget), what is written (input) and what is shown (output):
///
///     i, f, o = σ(x W + h U + b), each with weights of its own      g = tanh(x W + h U + b)
///     c' = f ∘ c + i ∘ g                                            h' = o ∘ tanh c'
///
/// Through c the gradient goes back k steps as a product of k forget gates. Where they start decides how far it gets: the
/// engine adds 1 to them, so that they are open at first, as Jozefowicz et al. found best (2015); the book adds nothing.
public struct LongShortTermMemory: Lesson {
    public static let about = About(
        "6.5.6", "Long short-term memory", shows: "The cell step by step, and that it is the engine's `LSTM`.",
        seconds: 0.1)

    public init() {}

    /// The engine's layer, written out: all outputs, and the memory after the last step.
    func unrolled(_ layer: LSTM, _ x: Variable) -> (outputs: Variable, c: Variable) {
        let parameters = layer.parameters.map { x.tape($0) }, hidden = parameters[1].shape[1]
        var h = x.tape.constant(Tensor(zeros: [x.shape[0], hidden])), c = h, outputs: [Variable] = []
        for step in x.transposed(0, 1).unstacked() {
            let fromState = h.multiplied(by: parameters[1], transposeOther: true)
            let sums = step.times(parameters[0], plus: parameters[2]) + fromState
            func part(_ gate: Int) -> Variable { sums.columns(gate * hidden..<(gate + 1) * hidden) }
            let i = part(0).sigmoid(), f = part(1).sigmoid(), g = part(2).tanh(), o = part(3).sigmoid()
            c = f * c + i * g
            h = o * c.tanh()
            outputs.append(h)
        }
        return (Variable.stack(outputs).transposed(0, 1), c)
    }

    public func run(with materials: Materials) -> Report {
        let context = materials.context, layer = LSTM(5, 4)
        layer.initialize(seed: 1, in: context)
        let x = RandomStream(seed: 6).normal([3, 7, 5], in: context)
        let same = Likeness(of: layer, to: { unrolled(layer, $0).outputs }, at: x, in: context)
        let tape = Tape(in: context), input = tape.constant(x)
        let memory = layer(input, from: nil).state.cell ?? Tensor(0)

        /// What is left of the memory after 20 steps with a forget gate that its bias alone opens.
        func kept(bias: Double) -> Double { DeterministicMath.pow(1 / (1 + DeterministicMath.exp(-bias)), 20) }
        return Report(
            [
                Row("largest difference of an output", here: same.outputs, as: .digits(9)),
                Row("largest difference of a gradient", here: same.gradients, as: .digits(9)),
                Row(
                    "largest difference of the memory",
                    here: memory.largestDifference(from: unrolled(layer, input).c.value),
                    as: .digits(9)),
                Row("left after 20 steps, forget bias 0", here: kept(bias: 0), as: .digits(7)),
                Row("left after 20 steps, forget bias 1", here: kept(bias: 1), as: .digits(7)),
            ],
            takeaway: "An LSTM's memory changes by a product with a gate and a sum; a bias of 1 on that gate leaves "
                + "\(fixed(kept(bias: 1) / kept(bias: 0), 0)) times as much after 20 steps as none.")
    }
}
