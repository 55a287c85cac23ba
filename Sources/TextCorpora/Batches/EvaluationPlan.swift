import Requirements

/// A window of an evaluation: a batch, and which of its predictions count.
package struct EvaluationBatch: Sendable, Equatable {
    package let batch: TokenBatch
    /// The steps of each lane whose targets are scored; the others warm the state, or fill up a lane that has ended.
    package let scored: [Range<Int>]

    /// Predictions that count.
    package var scoredCount: Int { scored.reduce(0) { $0 + $1.count } }

    /// Shape [T][N]: 1 where a prediction counts, else 0.
    package func mask() -> [Float] {
        var mask = [Float](repeating: 0, count: batch.steps * batch.lanes)
        for (lane, steps) in scored.enumerated() {
            for step in steps { mask[step * batch.lanes + lane] = 1 }
        }
        return mask
    }
}

/// How a part of a text is scored: which units, each exactly once, and after what warm-up.
///
///     for window in EvaluationPlan.stream(tokens, range: split.validation) { … }
///
/// The state is carried from window to window (the first has `resetsState`). A unit is predicted from the one before
/// it, also where that lies before the range; only the first unit of the whole text has none and is not scored.
package struct EvaluationPlan: Sequence, Sendable {
    /// The units that each lane scores, in order, without overlap.
    package let scoredRanges: [Range<Int>]
    package let window: Int

    private let tokens: Tokens
    /// The first input of each lane.
    private let starts: [Int]

    private init(_ tokens: Tokens, scoredRanges: [Range<Int>], warmUp: Int, window: Int) {
        require(window > 0 && warmUp >= 0, "window \(window), warm-up \(warmUp)")
        self.tokens = tokens
        self.scoredRanges = scoredRanges
        self.window = window
        starts = scoredRanges.map { Swift.max(0, $0.lowerBound - 1 - warmUp) }
    }

    /// The whole range as one stream in order, in windows with carried state; the last, partial window included.
    package static func stream(
        _ tokens: Tokens, range: Range<Int>, window: Int = 256, warmUp: Int = 0
    ) -> EvaluationPlan {
        EvaluationPlan(tokens, scoredRanges: [scorable(range, of: tokens)], warmUp: warmUp, window: window)
    }

    /// The range cut in lanes that are read side by side, each warmed on the units before it. Of more than `limit`
    /// units an evenly spread subset is scored: the first part of each lane.
    package static func lanes(
        _ tokens: Tokens, range: Range<Int>, lanes: Int = 64, window: Int = 128, warmUp: Int = 256,
        limit: Int = 1_000_000
    ) -> EvaluationPlan {
        require(lanes > 0 && limit > 0, "\(lanes) lanes, at most \(limit) units")
        let whole = scorable(range, of: tokens)
        // A lane much shorter than its warm-up would cost more than it scores.
        let used = Swift.max(1, Swift.min(lanes, limit, whole.count / Swift.max(1, warmUp)))
        let scored = Swift.min(limit, whole.count)
        let ranges = (0..<used).map { lane in
            let start = whole.lowerBound + share(whole.count, lane, of: used)
            let end = whole.lowerBound + share(whole.count, lane + 1, of: used)
            return start..<(scored == whole.count ? end : start + scored / used)
        }
        return EvaluationPlan(tokens, scoredRanges: ranges, warmUp: warmUp, window: window)
    }

    /// Units scored.
    package var scoredCount: Int { scoredRanges.reduce(0) { $0 + $1.count } }

    /// UTF-8 bytes of the units scored, for bits per byte.
    package var scoredUTF8Count: Int { scoredRanges.reduce(0) { $0 + tokens.utf8Count(in: $1) } }

    /// Steps over all windows.
    package var steps: Int { zip(scoredRanges, starts).map { $0.upperBound - 1 - $1 }.max() ?? 0 }

    package func makeIterator() -> Iterator { Iterator(plan: self) }

    package struct Iterator: IteratorProtocol, Sendable {
        fileprivate let plan: EvaluationPlan
        private var position = 0

        fileprivate init(plan: EvaluationPlan) {
            self.plan = plan
        }

        package mutating func next() -> EvaluationBatch? {
            let steps = Swift.min(plan.window, plan.steps - position)
            guard steps > 0 else { return nil }
            defer { position += steps }
            return plan.batch(from: position, steps: steps)
        }
    }

    private func batch(from position: Int, steps: Int) -> EvaluationBatch {
        let lanes = starts.count
        let scored = (0..<lanes).map { lane in
            // The target of step s in this window is unit starts[lane] + position + s + 1.
            let first = starts[lane] + position + 1
            let lower = Swift.min(Swift.max(scoredRanges[lane].lowerBound - first, 0), steps)
            let upper = Swift.min(Swift.max(scoredRanges[lane].upperBound - first, lower), steps)
            return lower..<upper
        }
        let batch = TokenBatch(
            tokens, starts: starts.map { $0 + position }, steps: steps, replacement: nil, resetsState: position == 0,
            epoch: 0,
            endsEpoch: position + steps == self.steps)
        return EvaluationBatch(batch: batch, scored: scored)
    }

    /// The units of a range of a text that can be scored: those with one before them.
    package static func scorable(_ range: Range<Int>) -> Range<Int> {
        Swift.min(Swift.max(1, range.lowerBound), range.upperBound)..<range.upperBound
    }

    private static func scorable(_ range: Range<Int>, of tokens: Tokens) -> Range<Int> {
        require(
            range.lowerBound >= 0 && range.upperBound <= tokens.count, "range \(range) outside 0..<\(tokens.count)")
        return scorable(range)
    }

    /// ⌊total · part / parts⌋
    private static func share(_ total: Int, _ part: Int, of parts: Int) -> Int {
        total * part / parts
    }
}
