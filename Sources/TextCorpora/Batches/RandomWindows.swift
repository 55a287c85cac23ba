import Requirements

/// Windows at random places, every one from a zero state. The batch of a step is a pure function of (seed, step).
package struct RandomWindows: Sendable {
    package let lanes: Int
    /// T; shorter than what was asked for where the range is.
    package let window: Int

    private let tokens: Tokens
    private let range: Range<Int>
    private let seed: UInt64
    private let replacement: UnitReplacement?

    /// - Precondition: the range holds two units or more.
    package init(
        _ tokens: Tokens, range: Range<Int>, lanes: Int, window: Int, seed: UInt64, replacement: UnitReplacement? = nil
    ) {
        require(lanes > 0 && window > 0, "\(lanes) lanes, window \(window)")
        require(
            range.lowerBound >= 0 && range.upperBound <= tokens.count, "range \(range) outside 0..<\(tokens.count)")
        require(range.count > 1, "\(range.count) units hold no prediction")
        self.tokens = tokens
        self.range = range
        self.lanes = lanes
        self.window = min(window, range.count - 1)
        self.seed = seed
        self.replacement = replacement
    }

    /// Steps after which as many units were predicted as the range holds.
    package var batchesPerEpoch: Int { (range.count - 1 + lanes * window - 1) / (lanes * window) }

    package func batch(step: Int) -> TokenBatch {
        require(step >= 0, "step \(step)")
        let random = CounterRandom(seed: seed, stream: UInt64(step))
        let starts = (0..<lanes).map { range.lowerBound + random.integer(below: range.count - window, at: UInt64($0)) }
        return TokenBatch(
            tokens, starts: starts, steps: window, replacement: replacement, resetsState: true,
            epoch: step / batchesPerEpoch, endsEpoch: (step + 1) % batchesPerEpoch == 0)
    }
}
