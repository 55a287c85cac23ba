import Jacquard

/// # 6.5.5 Gated recurrent units
///
/// Two gates, numbers in 0…1 made from input and state, decide what of the memory the new candidate may see (reset) and
/// how much of it stays as it is (update):
///
///     r = σ(x Wr + h Ur + br)      n  = tanh(x Wn + (r ∘ h) Un + bn)
///     u = σ(x Wu + h Uu + bu)      h' = u ∘ h + (1 - u) ∘ n
///
/// That is the book's. The engine has the form of PyTorch, in which the reset gate comes after the product:
/// n = tanh(x Wn + bn + r ∘ (h Un + b'n)), because then one product serves all three gates.
///
/// The book's *code* does otherwise. It makes u from the weights of r. And on the way back it starts each step from the
/// gradient that the next step has sent, and leaves out what the step's own output sends. The last step has no next one:
/// so nothing ever arrives, and all gates keep their first weights. In the words of a tape, it projects `h.detached`.
public struct GatedRecurrentUnits: Lesson {
    public static let about = About(
        "6.5.5", "Gated recurrent units",
        shows: "The cell step by step, both of its forms, and why the book's never learns.", seconds: 0.1)

    public init() {}

    /// The engine's layer, written out.
    func unrolled(_ layer: GRU, _ x: Variable) -> Variable {
        let parameters = layer.parameters.map { x.tape($0) }, hidden = parameters[1].shape[1]
        var h = x.tape.constant(Tensor(zeros: [x.shape[0], hidden])), outputs: [Variable] = []
        for step in x.transposed(0, 1).unstacked() {
            let input = step.times(parameters[0], plus: parameters[2])
            let state = h.times(parameters[1], plus: parameters[3])
            func part(_ sums: Variable, _ gate: Int) -> Variable { sums.columns(gate * hidden..<(gate + 1) * hidden) }
            let r = (part(input, 0) + part(state, 0)).sigmoid(), u = (part(input, 1) + part(state, 1)).sigmoid()
            let n = (part(input, 2) + r * part(state, 2)).tanh()
            h = u * h + (1 - u) * n
            outputs.append(h)
        }
        return Variable.stack(outputs).transposed(0, 1)
    }

    public func run(with materials: Materials) -> Report {
        let context = materials.context, engine = GRU(5, 4)
        engine.initialize(seed: 1, in: context)
        let x = RandomStream(seed: 6).normal([3, 7, 5], in: context)
        let same = Likeness(of: engine, to: { unrolled(engine, $0) }, at: x, in: context)

        /// The largest gradient of a weight of the gates.
        func gateGradient(of cell: BookGRU) -> Double {
            cell.initialize(seed: 1, in: context)
            let tape = Tape(in: context), gradients = tape.backward(from: cell(tape.constant(x)).squared().sum())
            return cell.gates.map { Double(gradients[$0]?.values.map(abs).max() ?? 0) }.max() ?? 0
        }
        let right = BookGRU(5, 4, outputs: 2), printed = BookGRU(5, 4, outputs: 2, asPrinted: true)
        let rightGradient = gateGradient(of: right), printedGradient = gateGradient(of: printed)
        return Report(
            [
                Row("engine, largest difference of an output", here: same.outputs, as: .digits(9)),
                Row("engine, largest difference of a gradient", here: same.gradients, as: .digits(9)),
                Row(
                    "the book's cell, gradient against differences",
                    here: checkGradients(of: right, at: x, in: context).error, as: .digits(6)),
                Row("largest gradient of a gate, cell put right", here: rightGradient),
                Row("largest gradient of a gate, the book's code", here: printedGradient),
            ],
            takeaway:
                "A cell whose gradient nobody checks may do nothing and still look busy: only the projection of the "
                + "book's GRU learns.")
    }
}

/// The book's GRU, reset before the product, with the projection of its state that each of the book's layers has.
struct BookGRU: Layer {
    /// Each for reset, update and candidate: W, U and b.
    let fromInput, fromState: [Dense], biases: [Parameter]
    let projection: Dense
    /// As the book's code has it: nothing that it shall learn reaches the gates, and u is made from r's weights.
    let asPrinted: Bool

    init(_ inputs: Int, _ hidden: Int, outputs: Int, asPrinted: Bool = false) {
        fromInput = (0..<3).map { _ in Dense(inputs, hidden, bias: false) }
        fromState = (0..<3).map { _ in Dense(hidden, hidden, bias: false) }
        biases = (0..<3).map { _ in Parameter(Tensor(zeros: [hidden])) }
        projection = Dense(hidden, outputs)
        self.asPrinted = asPrinted
    }

    /// All but the projection.
    var gates: [Parameter] { (fromInput + fromState).flatMap(\.parameters) + biases }

    /// [N, T, D] to [N, T, outputs].
    func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable { self(x, from: nil).output }

    func callAsFunction(_ x: Variable, from state: RecurrentState?) -> (output: Variable, state: RecurrentState) {
        let (batch, steps, hidden) = (x.shape[0], x.shape[1], biases[0].shape[0])
        let inputs = fromInput.map { $0(x.transposed(0, 1)).unstacked() }
        var h = x.tape.constant(state?.hidden ?? Tensor(zeros: [batch, hidden])), outputs: [Variable] = []
        for step in 0..<steps {
            /// x W + h U + b, with the weights of one gate and the bias of another or the same.
            func sums(_ gate: Int, _ h: Variable, bias: Int) -> Variable {
                inputs[gate][step] + fromState[gate](h) + h.tape(biases[bias]).broadcast(to: h.shape)
            }
            let r = sums(0, h, bias: 0).sigmoid(), u = sums(asPrinted ? 0 : 1, h, bias: 1).sigmoid()
            let n = sums(2, r * h, bias: 2).tanh()
            h = u * h + (1 - u) * n
            outputs.append(asPrinted ? h.detached : h)
        }
        return (projection(Variable.stack(outputs).transposed(0, 1)), RecurrentState(hidden: h.value))
    }
}

extension Variable {
    /// x W^T + b.
    func times(_ weight: Variable, plus bias: Variable) -> Variable {
        let product = multiplied(by: weight, transposeOther: true)
        return product + bias.broadcast(to: product.shape)
    }
}
