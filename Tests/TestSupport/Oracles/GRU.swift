extension Oracle {
    /// Where the reset gate acts on the way into the candidate n.
    public enum GRUVariant: Sendable {
        /// n = tanh(W_in x + b_in + r∘(W_hn h + b_hn)): PyTorch and cuDNN.
        case resetAfter
        /// n = tanh(W_in x + b_in + W_hn (r∘h) + b_hn): Cho et al. 2014.
        case resetBefore
    }

    /// Gates in the order r, z, n; h' = (1 − z)∘n + z∘h; x [T, N, D] → outputs [T, N, H].
    public static func gru(
        _ x: ArrayND, _ initial: RecurrentState, _ weights: RecurrentWeights, variant: GRUVariant = .resetAfter
    ) -> (output: ArrayND, final: RecurrentState) {
        let H = weights.weightHH.shape[1]
        return unroll(x, from: initial) { x, state in
            let h = state.h
            let (input, recurrent) = preActivations(x, h, weights)
            var (next, gatedH) = (h, h)
            func reset(_ n: Int, _ j: Int) -> Double { sigmoid(input[n, j] + recurrent[n, j]) }
            for n in 0..<h.shape[0] {
                for j in 0..<H { gatedH[n, j] = reset(n, j) * h[n, j] }
            }
            let gated = preActivations(x, gatedH, weights).recurrent
            for n in 0..<h.shape[0] {
                for j in 0..<H {
                    let z = sigmoid(input[n, H + j] + recurrent[n, H + j])
                    let fromState: Double
                    switch variant {
                    case .resetAfter: fromState = reset(n, j) * recurrent[n, 2 * H + j]
                    case .resetBefore: fromState = gated[n, 2 * H + j]
                    }
                    next[n, j] = (1 - z) * tanh(input[n, 2 * H + j] + fromState) + z * h[n, j]
                }
            }
            return RecurrentState(h: next)
        }
    }
}
