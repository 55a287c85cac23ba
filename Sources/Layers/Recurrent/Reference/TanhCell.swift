public import Autodiff

/// h' = tanh(W_ih x + b_ih + W_hh h). Elman 1990. One bias.
public struct TanhCell: RecurrentCell {
    public let weights: CellParameters

    public init(_ weights: CellParameters) {
        weights.check(gates: 1, for: "a tanh cell")
        self.weights = weights
    }

    public var parameters: [Parameter] { weights.all }
    public var hiddenSize: Int { weights.hiddenSize }

    public func zeroState(batch: Int, on tape: Tape) -> Variable { weights.zeros(batch: batch, on: tape) }

    public func step(_ x: Variable, _ h: Variable) -> (output: Variable, state: Variable) {
        let next = (weights.input(x) + weights.recurrent(h, gates: 0..<1)).tanh()
        return (next, next)
    }
}
