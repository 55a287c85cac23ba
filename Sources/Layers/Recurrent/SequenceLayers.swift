public import Autodiff
import LayerEngines
import Requirements
public import TensorCore

/// What a recurrent layer gives to the next.
public enum RecurrentResult: String, Hashable, Codable, Sendable {
    /// The hidden state after each step, [N, T, H].
    case allSteps
    /// The hidden state after the last step, [N, H].
    case lastStep
}

/// What a recurrent layer remembers of N sequences between one piece of them and the next.
public struct RecurrentState: Sendable {
    /// h, [N, H].
    public var hidden: Tensor
    /// c, [N, H]; of an LSTM only.
    public var cell: Tensor?

    /// - Precondition: the layer that starts from it checks the shapes.
    public init(hidden: Tensor, cell: Tensor? = nil) { (self.hidden, self.cell) = (hidden, cell) }
}

/// Long short-term memory over a sequence: i, f, o = σ(W x + U h + b), g = tanh(W x + U h + b), c' = f c + i g,
/// h' = o tanh c' (Hochreiter & Schmidhuber, 1997, with the forget gate of Gers et al., 2000). The state starts at zero.
///
/// A batch [N, T, D] of N sequences of T steps becomes [N, T, H], or [N, H] with ``RecurrentResult/lastStep``. Parameters
/// `weight_ih_l0` [4H, D], `weight_hh_l0` [4H, H] and `bias_ih_l0` [4H], gates in the order i, f, g, o. PyTorch's second
/// bias is only added to the first: add it to the first to bring weights from there.
///
/// Cost: 8 N T H (D + H) operations forward, twice that backward.
public struct LSTM: Layer, SequenceLayer {
    package let layer: RecurrentLayer
    package let returns: RecurrentResult

    /// - Parameters:
    ///   - inputs: D.
    ///   - hidden: H.
    ///   - returns: all steps or the last.
    ///   - weights: how both matrices start; uniform in ±1/√H if nil. The bias starts at zero, that of the forget gate at
    ///     1 (Jozefowicz et al., 2015).
    public init(_ inputs: Int, _ hidden: Int, returns: RecurrentResult = .allSteps, weights: Initializer? = nil) {
        layer = RecurrentLayer(kind: .lstm, inputs: inputs, hidden: hidden, weights: weights)
        self.returns = returns
    }

    /// [N, T, D] to [N, T, H] or [N, H].
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable { run(x, from: nil).output }

    /// The same from a state, with the state after the last step: for text that is read or written piece by piece. No
    /// gradient flows back into the state that came in, as in truncated backpropagation through time.
    public func callAsFunction(_ x: Variable, from state: RecurrentState?) -> (output: Variable, state: RecurrentState)
    {
        run(x, from: state)
    }
}

/// The gated recurrent unit over a sequence: r, z = σ(W x + U h + b), n = tanh(W x + b + r (U h + b')),
/// h' = (1 - z) n + z h (Cho et al., 2014, in the form that PyTorch computes). The state starts at zero.
///
/// A batch [N, T, D] becomes [N, T, H], or [N, H] with ``RecurrentResult/lastStep``. Parameters `weight_ih_l0` [3H, D],
/// `weight_hh_l0` [3H, H], `bias_ih_l0` and `bias_hh_l0` [3H], gates in the order r, z, n.
///
/// Cost: 6 N T H (D + H) operations forward, twice that backward.
public struct GRU: Layer, SequenceLayer {
    package let layer: RecurrentLayer
    package let returns: RecurrentResult

    /// - Parameters:
    ///   - inputs: D.
    ///   - hidden: H.
    ///   - returns: all steps or the last.
    ///   - weights: how both matrices start; uniform in ±1/√H if nil. Biases start at zero.
    public init(_ inputs: Int, _ hidden: Int, returns: RecurrentResult = .allSteps, weights: Initializer? = nil) {
        layer = RecurrentLayer(kind: .gru, inputs: inputs, hidden: hidden, weights: weights)
        self.returns = returns
    }

    /// [N, T, D] to [N, T, H] or [N, H].
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable { run(x, from: nil).output }

    /// The same from a state, with the state after the last step: for text that is read or written piece by piece. No
    /// gradient flows back into the state that came in, as in truncated backpropagation through time.
    public func callAsFunction(_ x: Variable, from state: RecurrentState?) -> (output: Variable, state: RecurrentState)
    {
        run(x, from: state)
    }
}

/// The simple recurrent network over a sequence: h' = tanh(W x + U h + b) (Elman, 1990). The state starts at zero.
///
/// A batch [N, T, D] becomes [N, T, H], or [N, H] with ``RecurrentResult/lastStep``. Parameters `weight_ih_l0` [H, D],
/// `weight_hh_l0` [H, H] and `bias_ih_l0` [H]. PyTorch's second bias is only added to the first.
///
/// Cost: 2 N T H (D + H) operations forward, twice that backward.
public struct RNN: Layer, SequenceLayer {
    package let layer: RecurrentLayer
    package let returns: RecurrentResult

    /// - Parameters:
    ///   - inputs: D.
    ///   - hidden: H.
    ///   - returns: all steps or the last.
    ///   - weights: how both matrices start; uniform in ±1/√H if nil. The bias starts at zero.
    public init(_ inputs: Int, _ hidden: Int, returns: RecurrentResult = .allSteps, weights: Initializer? = nil) {
        layer = RecurrentLayer(kind: .rnn, inputs: inputs, hidden: hidden, weights: weights)
        self.returns = returns
    }

    /// [N, T, D] to [N, T, H] or [N, H].
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable { run(x, from: nil).output }

    /// The same from a state, with the state after the last step: for text that is read or written piece by piece. No
    /// gradient flows back into the state that came in, as in truncated backpropagation through time.
    public func callAsFunction(_ x: Variable, from state: RecurrentState?) -> (output: Variable, state: RecurrentState)
    {
        run(x, from: state)
    }
}

/// What the three have in common: the engine's layer, which takes time first, seen with the batch first.
package protocol SequenceLayer: Layer, TableLayer, NamingItsParts {
    var layer: RecurrentLayer { get }
    var returns: RecurrentResult { get }
}

extension SequenceLayer {
    package var namedParts: [(name: String, part: Any)] { layer.namedParts }

    func run(_ x: Variable, from state: RecurrentState?) -> (output: Variable, state: RecurrentState) {
        require(
            x.shape.rank == 3 && x.shape[2] == layer.inputs && x.shape[0] > 0 && x.shape[1] > 0,
            "\(title) takes sequences [N, T, \(layer.inputs)], at least one of at least one step, not \(x.shape)")
        let (output, after) = layer(
            .sequence(x.transposed(0, 1)), state: start(state, batch: x.shape[0], on: x.tape))
        return (
            returns == .lastStep ? after.h : output.transposed(0, 1),
            RecurrentState(hidden: after.h.value, cell: after.c?.value)
        )
    }

    private func start(_ state: RecurrentState?, batch: Int, on tape: Tape) -> RecurrentLayer.State {
        guard let state else { return layer.zeroState(batch: batch, on: tape) }
        require(
            state.hidden.shape == [batch, layer.hidden] && (state.cell != nil) == layer.kind.hasCellState
                && (state.cell ?? state.hidden).shape == state.hidden.shape,
            "\(title) starts from a hidden state [\(batch), \(layer.hidden)]"
                + (layer.kind.hasCellState ? " and a cell state alike" : "") + ", not from \(state.hidden.shape)"
                + (state.cell.map { " and \($0.shape)" } ?? ""))
        return RecurrentLayer.State(h: tape.constant(state.hidden), c: state.cell.map(tape.constant))
    }

    package var title: String {
        "\(Self.self)(\(layer.inputs), \(layer.hidden)\(returns == .lastStep ? ", returns: .lastStep" : ""))"
    }
    package func sizes(after x: [Int?]?) -> [Int?]? {
        let known = x?.count == 3 ? x : nil
        return returns == .lastStep ? [known?[0], layer.hidden] : [known?[0], known?[1], layer.hidden]
    }
}
