extension Oracle {
    public enum RecurrentKind: Sendable {
        case rnn, gru, gruResetBefore, lstm
    }

    /// One layer of a stack.
    public struct RecurrentLayer: Sendable {
        public var kind: RecurrentKind
        public var weights: RecurrentWeights
        /// Dense layer after the cell (weight [P, H], bias [P]); its result is not fed back.
        public var projection: (weight: ArrayND, bias: ArrayND)?
        /// Ones where the layer's output [T, N, P or H] is kept, with the probability of keeping (inverted dropout).
        public var dropout: (mask: ArrayND, keepProbability: Double)?

        public init(
            _ kind: RecurrentKind, _ weights: RecurrentWeights, projection: (weight: ArrayND, bias: ArrayND)? = nil,
            dropout: (mask: ArrayND, keepProbability: Double)? = nil
        ) {
            (self.kind, self.weights, self.projection, self.dropout) = (kind, weights, projection, dropout)
        }
    }

    public static func recurrent(
        _ kind: RecurrentKind, _ x: ArrayND, _ initial: RecurrentState, _ weights: RecurrentWeights
    ) -> (output: ArrayND, final: RecurrentState) {
        switch kind {
        case .rnn: return rnn(x, initial, weights)
        case .gru: return gru(x, initial, weights)
        case .gruResetBefore: return gru(x, initial, weights, variant: .resetBefore)
        case .lstm: return lstm(x, initial, weights)
        }
    }

    /// Layers on top of each other, kinds mixed: cell, then projection, then dropout; x [T, N, D].
    public static func stack(
        _ x: ArrayND, _ initial: [RecurrentState], _ layers: [RecurrentLayer]
    ) -> (output: ArrayND, final: [RecurrentState]) {
        precondition(initial.count == layers.count, "\(initial.count) states for \(layers.count) layers")
        var (output, final) = (x, [RecurrentState]())
        for (layer, state) in zip(layers, initial) {
            let result = recurrent(layer.kind, output, state, layer.weights)
            output = result.output
            final.append(result.final)
            if let projection = layer.projection {
                output = dense(output, weight: projection.weight, bias: projection.bias)
            }
            if let dropout = layer.dropout {
                output = Oracle.dropout(output, mask: dropout.mask, keepProbability: dropout.keepProbability)
            }
        }
        return (output, final)
    }
}
