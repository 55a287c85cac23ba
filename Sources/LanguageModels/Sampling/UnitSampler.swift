import TensorCore

/// Chooses one unit from logits: a pure function of the logits, the options, what came before, and one random number.
package struct UnitSampler {
    let options: SamplingOptions
    /// Never chosen: the replacement symbol.
    let excluded: Int32?

    package static let memory = 64

    package init(options: SamplingOptions, excluded: Int32?) {
        self.options = options
        self.excluded = excluded
    }

    /// - Parameters:
    ///   - recent: the units before, oldest first; the last ``memory`` count for the repetition penalty.
    ///   - coin: uniform in [0, 1).
    package func choose(_ logits: [Float], recent: ArraySlice<Int32>, coin: Double) -> Int32 {
        var scores = logits.map(Double.init)
        if let excluded { scores[Int(excluded)] = -.infinity }
        if options.repetitionPenalty != 1 {
            var isPenalized = [Bool](repeating: false, count: scores.count)
            for id in recent.suffix(Self.memory) where !isPenalized[Int(id)] {
                isPenalized[Int(id)] = true
                let score = scores[Int(id)]
                scores[Int(id)] = score > 0 ? score / options.repetitionPenalty : score * options.repetitionPenalty
            }
        }
        let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        guard options.temperature > 0 else { return Int32(best) }

        let top = scores[best]
        var weights = scores.map { DeterministicMath.exp(($0 - top) / options.temperature) }
        if options.topK != nil || options.topP != nil || options.minP != nil { keepProbable(&weights) }
        let total = weights.reduce(0, +)
        var remaining = coin * total
        var last = best
        for (id, weight) in weights.enumerated() where weight > 0 {
            if remaining < weight { return Int32(id) }
            remaining -= weight
            last = id
        }
        return Int32(last)  // rounding left a little over
    }

    private func keepProbable(_ weights: inout [Double]) {
        // By probability, the smaller id first among equals: the order is a function of the weights.
        let order = weights.indices.sorted { weights[$0] != weights[$1] ? weights[$0] > weights[$1] : $0 < $1 }
        var kept = min(options.topK ?? weights.count, weights.count)
        if let share = options.minP {
            let limit = share * weights[order[0]]
            kept = min(kept, order.prefix { weights[$0] >= limit }.count)
        }
        if let share = options.topP {
            let wanted = share * order.prefix(kept).reduce(0) { $0 + weights[$1] }
            var sum = 0.0
            var count = 0
            while count < kept, sum < wanted {
                sum += weights[order[count]]
                count += 1
            }
            kept = count
        }
        for id in order.dropFirst(max(1, kept)) { weights[id] = 0 }
    }
}
