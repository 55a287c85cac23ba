package import Autodiff

/// h' = tanh(W_ih x + b_ih + W_hh h). Elman 1990. One bias.
package struct TanhCell: RecurrentCell {
    package let weights: CellParameters

    package init(_ weights: CellParameters) {
        weights.check(gates: 1, for: "a tanh cell")
        self.weights = weights
    }

    package var parameters: [Parameter] { weights.all }
    package var hiddenSize: Int { weights.hiddenSize }

    package func zeroState(batch: Int, on tape: Tape) -> Variable { weights.zeros(batch: batch, on: tape) }

    package func step(_ x: Variable, _ h: Variable) -> (output: Variable, state: Variable) {
        let next = (weights.input(x) + weights.recurrent(h, gates: 0..<1)).tanh()
        return (next, next)
    }
}
