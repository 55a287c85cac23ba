import Requirements

/// Replaces a unit of the training text by the replacement symbol now and then, so that the symbol is trained even
/// where every unit is listed. A pure function of seed, epoch and position: it does not matter who asks, or when.
package struct UnitReplacement: Codable, Sendable, Equatable {
    package let seed: UInt64
    package let probability: Double
    package let replacementId: Int32

    package init(seed: UInt64, probability: Double, replacementId: Int32) {
        require(probability >= 0 && probability < 1, "replacement probability \(probability)")
        self.seed = seed
        self.probability = probability
        self.replacementId = replacementId
    }

    /// What a vocabulary needs for a training part of `count` units: nil where it has no replacement symbol, or where
    /// rare units train it. About 64 units an epoch, but between 1 in 100 and 1 in 5,000: in a long text the cost to
    /// the model's other predictions is 0.0002 nats a unit.
    package init?(for vocabulary: Vocabulary, trainingCount count: Int, seed: UInt64) {
        guard let id = vocabulary.replacementId, vocabulary.replacedInTraining == 0 else { return nil }
        let share = 64 / Double(max(1, count))
        self.init(seed: seed, probability: min(1.0 / 100, max(1.0 / 5000, share)), replacementId: id)
    }

    /// Whether the unit at a position of the corpus is replaced in an epoch.
    package func isReplaced(epoch: Int, position: Int) -> Bool {
        CounterRandom(seed: seed, stream: UInt64(truncatingIfNeeded: epoch))
            .uniform(at: UInt64(truncatingIfNeeded: position)) < probability
    }
}
