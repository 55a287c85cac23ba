package import Autodiff

/// The gated recurrent unit, gates in the order r, z, n; h' = (1 - z) n + z h. Cho et al., 2014.
package struct GRUCell: RecurrentCell {
    /// Where the reset gate acts on the way into the candidate n.
    package enum Variant: String, Hashable, Codable, Sendable {
        /// n = tanh(W_in x + b_in + r (W_hn h + b_hn)): PyTorch and cuDNN.
        case resetAfter
        /// n = tanh(W_in x + b_in + W_hn (r h) + b_hn): the first version of Cho et al.'s paper, and the book.
        case resetBefore
    }

    package let weights: CellParameters
    package let variant: Variant

    package init(_ weights: CellParameters, variant: Variant = .resetAfter) {
        weights.check(gates: 3, for: "a GRU")
        self.weights = weights
        self.variant = variant
    }

    package var parameters: [Parameter] { weights.all }
    package var hiddenSize: Int { weights.hiddenSize }

    package func zeroState(batch: Int, on tape: Tape) -> Variable { weights.zeros(batch: batch, on: tape) }

    package func step(_ x: Variable, _ h: Variable) -> (output: Variable, state: Variable) {
        let size = hiddenSize, input = weights.input(x)
        let recurrent = weights.recurrent(h, gates: variant == .resetAfter ? 0..<3 : 0..<2)
        let gates = (input.columns(0..<2 * size) + recurrent.columns(0..<2 * size)).sigmoid()
        let r = gates.columns(0..<size), z = gates.columns(size..<2 * size)
        let fromState =
            switch variant {
            case .resetAfter: r * recurrent.columns(2 * size..<3 * size)
            case .resetBefore: weights.recurrent(r * h, gates: 2..<3)
            }
        let n = (input.columns(2 * size..<3 * size) + fromState).tanh()
        let next = n + z * (h - n)
        return (next, next)
    }
}
