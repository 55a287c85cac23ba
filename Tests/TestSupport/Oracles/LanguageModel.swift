extension Oracle {
    /// Embedding, LSTM layers and a dense head, all under PyTorch's names: `embedding.weight` [V, E],
    /// `lstm.weight_ih_l0` and so on, `head.weight` [V, H], `head.bias` [V].
    ///
    /// - Parameters:
    ///   - tokens: T·N ids, time first.
    ///   - targets: the ids that follow them, the same order.
    ///   - initial: one state for each LSTM layer; N is that of its h.
    /// - Returns: mean cross-entropy in nats, and the states to carry into the next window.
    public static func languageModel(
        _ parameters: [String: ArrayND], tokens: [Int], targets: [Int], initial: [RecurrentState]
    ) -> (loss: Double, final: [RecurrentState]) {
        guard let table = parameters["embedding.weight"], let headWeight = parameters["head.weight"] else {
            preconditionFailure("no embedding or head in \(parameters.keys.sorted())")
        }
        let N = initial[0].h.shape[0]
        let layers = initial.indices.map {
            RecurrentLayer(.lstm, RecurrentWeights(parameters, prefix: "lstm.", layer: $0))
        }
        let x = embedding(tokens, shape: [tokens.count / N, N], weight: table)
        let (output, final) = stack(x, initial, layers)
        let logits = dense(output, weight: headWeight, bias: parameters["head.bias"])
        return (crossEntropy(logits.reshaped([tokens.count, table.shape[0]]), targets: targets), final)
    }
}
