extension Oracle {
    /// Parameters of one recurrent layer in PyTorch's layout, G gates one above the other (RNN 1, GRU 3, LSTM 4).
    public struct RecurrentWeights: Sendable {
        /// [G·H, D]
        public var weightIH: ArrayND
        /// [G·H, H]
        public var weightHH: ArrayND
        /// [G·H]
        public var biasIH: ArrayND
        /// [G·H]; nil means zero, as for RNN and LSTM with one bias.
        public var biasHH: ArrayND?

        public init(weightIH: ArrayND, weightHH: ArrayND, biasIH: ArrayND, biasHH: ArrayND? = nil) {
            (self.weightIH, self.weightHH, self.biasIH, self.biasHH) = (weightIH, weightHH, biasIH, biasHH)
        }

        /// From named parameters: `prefix` + `weight_ih_l0` and so on; a missing `bias_hh` is zero.
        public init(_ parameters: [String: ArrayND], prefix: String = "", layer: Int = 0) {
            func named(_ name: String) -> ArrayND? { parameters["\(prefix)\(name)_l\(layer)"] }
            guard let weightIH = named("weight_ih"), let weightHH = named("weight_hh"), let biasIH = named("bias_ih")
            else { preconditionFailure("no \(prefix)weight_ih_l\(layer) and so on in \(parameters.keys.sorted())") }
            self.init(weightIH: weightIH, weightHH: weightHH, biasIH: biasIH, biasHH: named("bias_hh"))
        }
    }

    /// What a layer carries from step to step: h, and for LSTM c, both [N, H].
    public struct RecurrentState: Sendable {
        public var h: ArrayND
        public var c: ArrayND?

        public init(h: ArrayND, c: ArrayND? = nil) { (self.h, self.c) = (h, c) }
    }

    /// Runs a cell over a window x [T, N, D]: outputs h of every step [T, N, H], and the last state.
    static func unroll(
        _ x: ArrayND, from initial: RecurrentState, cell: (_ x: ArrayND, _ state: RecurrentState) -> RecurrentState
    ) -> (output: ArrayND, final: RecurrentState) {
        precondition(x.shape.count == 3 && x.shape[0] > 0, "a window is [T, N, D], not \(x.shape)")
        precondition(initial.h.shape[0] == x.shape[1], "input \(x.shape), state \(initial.h.shape)")
        var state = initial
        let outputs = (0..<x.shape[0]).map { time in
            state = cell(x.part(time), state)
            return state.h
        }
        return (.stack(outputs), state)
    }

    /// Pre-activations of both products apart, biases included: x·W_ihᵀ + b_ih and h·W_hhᵀ + b_hh, each [N, G·H].
    static func preActivations(
        _ x: ArrayND, _ h: ArrayND, _ weights: RecurrentWeights
    ) -> (input: ArrayND, recurrent: ArrayND) {
        (
            dense(x, weight: weights.weightIH, bias: weights.biasIH),
            dense(h, weight: weights.weightHH, bias: weights.biasHH)
        )
    }
}
