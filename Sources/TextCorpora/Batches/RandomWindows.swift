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

/// Random numbers as a pure function of (seed, stream, index): the output function of SplitMix64 (Steele, Lea and
/// Flood, 2014) over a counter that begins at a place the seed and stream choose.
struct CounterRandom: Sendable {
    private static let golden: UInt64 = 0x9e37_79b9_7f4a_7c15
    private let origin: UInt64

    init(seed: UInt64, stream: UInt64) {
        origin = Self.mix(Self.mix(seed &+ Self.golden) ^ (stream &* 0xd134_2543_de82_ef95 &+ 1))
    }

    func bits(at index: UInt64) -> UInt64 {
        Self.mix(origin &+ (index &+ 1) &* Self.golden)
    }

    /// A number in [0, 1), a multiple of 2⁻⁵³, all equally likely.
    func uniform(at index: UInt64) -> Double {
        Double(bits(at: index) >> 11) * 0x1p-53
    }

    /// An integer in 0..<bound; no chance is wrong by more than bound · 2⁻⁶⁴.
    func integer(below bound: Int, at index: UInt64) -> Int {
        Int(bits(at: index).multipliedFullWidth(by: UInt64(bound)).high)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
