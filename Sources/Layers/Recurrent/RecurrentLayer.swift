package import Autodiff
package import Kernels
package import LayerEngines
import Requirements
package import TensorCore

/// A recurrent layer: RNN, GRU or LSTM over windows of T steps for N rows, with the state passed in and out.
///
/// Parameters, in PyTorch's names, order and shapes: `<name>.weight_ih_l0` [gates H, D], `<name>.weight_hh_l0` [gates H, H],
/// `<name>.bias_ih_l0` [gates H] and for GRU `<name>.bias_hh_l0` [gates H]. LSTM and RNN train one bias: the other is zero.
///
/// Cost of a window: 2 T N gates H (D + H) operations forward, twice that backward; one-hot inputs multiply nothing,
/// so D drops out. Kept for the backward pass: T N H (gates + 2) floats for LSTM.
package struct RecurrentLayer: NamingItsParts {
    package let kind: CellKind
    package let inputs: Int
    package let hidden: Int
    package let weightIH, weightHH, biasIH: Parameter
    package let biasHH: Parameter?
    private let cache = RecurrentPackCache()

    /// The state of N rows: h [N, H] and, for LSTM, c [N, H].
    package struct State {
        package var h: Variable
        package var c: Variable?

        package init(h: Variable, c: Variable? = nil) {
            self.h = h
            self.c = c
        }
    }

    package enum Input {
        /// x [T, N, D]
        case sequence(Variable)
        /// The same as another recurrent layer hands it over.
        case grouped(GroupedSequence)
        /// T N integers, time-major, in 0 ..< D: a one-hot sequence that is never made dense. At least one step.
        case oneHot([Int32], batch: Int)
        /// T N integers that choose rows of a table [V, D]. The table is multiplied by W_ih once, [V, gates H], and
        /// rows of the product are gathered: less work than multiplying T N rows while V < T N.
        case rows([Int32], of: Variable, batch: Int)

        /// A sequence as rows [T, N, D]; nil for integers.
        package var rows: Variable? {
            switch self {
            case .sequence(let x): x
            case .grouped(let x): x.rows()
            case .oneHot, .rows: nil
            }
        }
    }

    /// - Parameters:
    ///   - name: the prefix of the parameters' names.
    ///   - initializer: for both weight matrices, all gates of one together.
    ///   - forgetBias: added to the LSTM forget gate at the start: 1 lets gradients through from the first step
    ///     (Jozefowicz et al. 2015).
    package init(
        _ name: String, kind: CellKind, inputs: Int, hidden: Int, initializer: Initializer? = nil,
        forgetBias: Float = 1,
        stream: RandomStream, in context: ComputeContext
    ) {
        Self.check(inputs: inputs, hidden: hidden)
        (self.kind, self.inputs, self.hidden) = (kind, inputs, hidden)
        let start = initializer ?? .uniform(bound: 1 / Float(hidden).squareRoot()), rows = kind.gates * hidden
        var streams = (0..<2).map {
            RandomStream(seed: stream.seed, stream: stream.stream, step: stream.step + UInt64($0))
        }
        weightIH = Parameter(
            "\(name).weight_ih_l0", start.matrix(rows, inputs, from: streams.removeFirst(), in: context))
        weightHH = Parameter(
            "\(name).weight_hh_l0", start.matrix(rows, hidden, from: streams.removeFirst(), in: context))
        biasIH = Parameter("\(name).bias_ih_l0", Self.bias(kind, hidden: hidden, forgetBias: forgetBias))
        biasHH = kind.hasHiddenBias ? Parameter("\(name).bias_hh_l0", Tensor(zeros: [rows])) : nil
    }

    /// A model makes the weights.
    /// - Parameter weights: for both matrices; uniform within 1 / √H if nil.
    init(kind: CellKind, inputs: Int, hidden: Int, weights: Initializer?) {
        Self.check(inputs: inputs, hidden: hidden)
        (self.kind, self.inputs, self.hidden) = (kind, inputs, hidden)
        let start = weights ?? .uniform(bound: 1 / Float(hidden).squareRoot()), rows = kind.gates * hidden
        weightIH = Parameter(shape: [rows, inputs], start)
        weightHH = Parameter(shape: [rows, hidden], start)
        biasIH = Parameter(Self.bias(kind, hidden: hidden, forgetBias: 1))
        biasHH = kind.hasHiddenBias ? Parameter(Tensor(zeros: [rows])) : nil
    }

    private static func check(inputs: Int, hidden: Int) {
        require(inputs > 0 && hidden > 0, "a recurrent layer with \(inputs) inputs and \(hidden) units")
    }

    /// Zero but for the forget gate of an LSTM.
    private static func bias(_ kind: CellKind, hidden: Int, forgetBias: Float) -> Tensor {
        var bias = Tensor(zeros: [kind.gates * hidden])
        if kind == .lstm {
            bias.withUnsafeMutablePointer { ($0 + hidden).update(repeating: forgetBias, count: hidden) }
        }
        return bias
    }

    package var namedParts: [(name: String, part: Any)] {
        [("weight_ih_l0", weightIH), ("weight_hh_l0", weightHH), ("bias_ih_l0", biasIH)]
            + (biasHH.map { [("bias_hh_l0", $0)] } ?? [])
    }

    package var parameters: [Parameter] { [weightIH, weightHH, biasIH] + (biasHH.map { [$0] } ?? []) }

    /// The weights as a forward pass reads them.
    func packs(in context: ComputeContext) -> RecurrentPacks {
        cache.value(for: RecurrentPackKey(versions: parameters.map(\.version))) {
            RecurrentPacks.forward(
                PanelLayout(kind: kind, hidden: hidden), weightIH: weightIH.value, weightHH: weightHH.value,
                biasIH: biasIH.value, biasHH: biasHH?.value, isKept: true, in: context)
        }
    }

    /// Zeros for `batch` rows.
    package func zeroState(batch: Int, on tape: Tape) -> State {
        let zeros = Tensor(zeros: [batch, hidden])
        return State(h: tape.constant(zeros), c: kind.hasCellState ? tape.constant(zeros) : nil)
    }

    /// T, for T N ids.
    private static func steps(of ids: [Int32], batch: Int) -> Int {
        require(
            batch > 0 && !ids.isEmpty && ids.count % batch == 0,
            "\(ids.count) ids for \(batch) rows: a window has at least one step, and in each an id for every row")
        return ids.count / batch
    }

    /// Runs a window of at least one step and one row.
    /// - Parameter precision: of the products of the window, and of those that make its gradients.
    /// - Returns: the hidden states of all steps, [T, N, H], and the state after the last.
    package func callAsFunction(
        _ input: Input, state: State, precision: ProductPrecision = .single
    ) -> (output: Variable, state: State) {
        let (output, after) = grouped(input, state: state, precision: precision)
        return (output.rows(), after)
    }

    /// Runs a window whose output another recurrent layer will take, without a copy between them.
    package func grouped(
        _ input: Input, state: State, precision: ProductPrecision = .single
    ) -> (output: GroupedSequence, state: State) {
        let tape = state.h.tape
        let batch: Int, steps: Int, ids: [Int32]?
        var operands: [Variable] = []
        var weight = tape(weightIH)
        var versions = parameters.map(\.version)
        switch input {
        case .sequence(let x):
            require(
                x.shape.rank == 3 && x.shape[2] == inputs, "input of shape \(x.shape), expected [T, N, \(inputs)]")
            return grouped(.grouped(x.grouped()), state: state, precision: precision)
        case .grouped(let x):
            require(x.columns == inputs, "a sequence of \(x.columns) columns for \(inputs) inputs")
            (steps, batch, ids) = (x.steps, x.batch, nil)
            operands.append(x.variable)
        case .oneHot(let indices, let count):
            (steps, batch, ids) = (Self.steps(of: indices, batch: count), count, indices)
        case .rows(let indices, let table, let count):
            require(
                table.shape.rank == 2 && table.shape[1] == inputs,
                "table of shape \(table.shape), expected [V, \(inputs)]")
            (steps, batch, ids) = (Self.steps(of: indices, batch: count), count, indices)
            weight = weight.multiplied(by: table, transposeOther: true)
            versions = []  // the product is new each time
        }
        require(steps > 0 && batch > 0, "a window of \(steps) steps for \(batch) rows: at least one of each")
        let classes = weight.shape[1]
        if let ids {
            require(ids.allSatisfy { $0 >= 0 && $0 < classes }, "an id is outside of the \(classes) that there are")
        }
        require(
            state.h.shape == [batch, hidden] && (state.c?.shape ?? [batch, hidden]) == [batch, hidden]
                && (state.c != nil) == kind.hasCellState,
            "state of shapes \(state.h.shape), \(state.c.map { $0.shape.description } ?? "none") for \(kind) [\(batch), \(hidden)]"
        )
        operands += [weight, tape(weightHH), tape(biasIH)]
        if let biasHH { operands.append(tape(biasHH)) }
        operands.append(state.h)
        if let c = state.c { operands.append(c) }
        let window = RecurrentWindow(
            layout: PanelLayout(kind: kind, hidden: hidden), steps: steps, batch: batch, ids: ids,
            precision: precision, keepsActivations: tape.isRecording,
            cache: versions.isEmpty ? RecurrentPackCache() : cache,
            versions: versions)
        let outputs = tape.apply(window, to: operands)
        return (
            GroupedSequence(outputs[0], columns: hidden), State(h: outputs[1], c: kind.hasCellState ? outputs[2] : nil)
        )
    }
}
