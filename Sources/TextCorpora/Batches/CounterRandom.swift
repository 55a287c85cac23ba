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
