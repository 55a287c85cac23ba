extension Oracle {
    /// h' = tanh(W_ih x + b_ih + W_hh h + b_hh), Elman 1990; x [T, N, D] → outputs [T, N, H].
    public static func rnn(
        _ x: ArrayND, _ initial: RecurrentState, _ weights: RecurrentWeights
    ) -> (output: ArrayND, final: RecurrentState) {
        unroll(x, from: initial) { x, state in
            let (input, recurrent) = preActivations(x, state.h, weights)
            return RecurrentState(h: input.zip(recurrent) { tanh($0 + $1) })
        }
    }
}
