extension Oracle {
    /// Gates in the order i, f, g, o; c' = f∘c + i∘g, h' = o∘tanh(c'): Hochreiter and Schmidhuber 1997 with the forget
    /// gate of Gers et al. 2000; x [T, N, D], h and c [N, H] → outputs [T, N, H].
    public static func lstm(
        _ x: ArrayND, _ initial: RecurrentState, _ weights: RecurrentWeights
    ) -> (output: ArrayND, final: RecurrentState) {
        let H = weights.weightHH.shape[1]
        return unroll(x, from: initial) { x, state in
            guard let c = state.c else { preconditionFailure("an LSTM starts from h and c") }
            let (input, recurrent) = preActivations(x, state.h, weights)
            let gates = input.zip(recurrent, +).values
            var (nextH, nextC) = (state.h.values, c.values)
            for n in 0..<c.shape[0] {
                for j in 0..<H {
                    let row = n * 4 * H + j
                    let (i, f) = (sigmoid(gates[row]), sigmoid(gates[row + H]))
                    let (g, o) = (tanh(gates[row + 2 * H]), sigmoid(gates[row + 3 * H]))
                    nextC[n * H + j] = f * nextC[n * H + j] + i * g
                    nextH[n * H + j] = o * tanh(nextC[n * H + j])
                }
            }
            return RecurrentState(
                h: ArrayND(shape: c.shape, values: nextH), c: ArrayND(shape: c.shape, values: nextC))
        }
    }
}
