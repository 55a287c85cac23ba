import Requirements

/// A mean that forgets: each value counts `decay` times as much as the one after it. Exact from the first value on,
/// because the sum of the weights is kept beside the weighted sum.
package struct RunningAverage: Hashable, Codable, Sendable {
    package let decay: Double
    private var weightedSum = 0.0
    private var weight = 0.0

    /// - Parameter decay: in [0, 1); about 1 / (1 - decay) values count.
    package init(decay: Double = 0.99) {
        require((0..<1).contains(decay), "a running average decays by a factor in [0, 1), not \(decay)")
        self.decay = decay
    }

    /// Nil before the first value.
    package var value: Double? { weight > 0 ? weightedSum / weight : nil }

    /// Takes a value. One that is not finite is passed over: it would stay for good; see ``RollBack`` for it.
    package mutating func record(_ value: Double) {
        guard value.isFinite else { return }
        weightedSum = weightedSum * decay + value
        weight = weight * decay + 1
    }
}
