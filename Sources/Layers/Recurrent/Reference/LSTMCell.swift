package import Autodiff

/// Long short-term memory, gates in the order i, f, g, o; c' = f c + i g, h' = o tanh(c').
/// Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al., 2000. One bias.
package struct LSTMCell: RecurrentCell {
    package struct State {
        /// Both [N, H].
        package var h, c: Variable

        package init(h: Variable, c: Variable) {
            self.h = h
            self.c = c
        }
    }

    package let weights: CellParameters

    package init(_ weights: CellParameters) {
        weights.check(gates: 4, for: "an LSTM")
        self.weights = weights
    }

    package var parameters: [Parameter] { weights.all }
    package var hiddenSize: Int { weights.hiddenSize }

    package func zeroState(batch: Int, on tape: Tape) -> State {
        State(h: weights.zeros(batch: batch, on: tape), c: weights.zeros(batch: batch, on: tape))
    }

    package func step(_ x: Variable, _ state: State) -> (output: Variable, state: State) {
        let sums = weights.input(x) + weights.recurrent(state.h, gates: 0..<4)
        func gate(_ index: Int) -> Variable { sums.columns(index * hiddenSize..<(index + 1) * hiddenSize) }
        let i = gate(0).sigmoid(), f = gate(1).sigmoid(), g = gate(2).tanh(), o = gate(3).sigmoid()
        let c = f * state.c + i * g, h = o * c.tanh()
        return (h, State(h: h, c: c))
    }
}
