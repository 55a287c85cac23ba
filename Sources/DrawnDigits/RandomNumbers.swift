/// SplitMix64 (Steele, Lea, Flood 2014).
struct RandomNumbers {
    private var state: UInt64

    init(seed: Int...) {
        state = 0
        for part in seed { state = next() ^ UInt64(part) }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func uniform(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * Double(next() >> 11) / 9_007_199_254_740_992
    }

    /// Twelve uniform numbers less six: close to a Gaussian, and without a logarithm.
    mutating func normal(_ deviation: Double) -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += uniform(0, 1) }
        return deviation * sum
    }
}
