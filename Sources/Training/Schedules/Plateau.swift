import Requirements

/// When the learning rate falls because the validation loss does not: PyTorch's `ReduceLROnPlateau`.
package struct PlateauRule: Hashable, Codable, Sendable {
    /// What the rate is multiplied by, in (0, 1).
    package var factor: Double
    /// So many evaluations in a row may bring no improvement; the next one lowers the rate.
    package var patience: Int
    /// An improvement is a loss below the best by this part of it, at least 0.
    package var threshold: Double
    /// The factor on the base rate never falls below this, in [0, 1].
    package var minimumFraction: Double

    package init(factor: Double = 0.5, patience: Int = 2, threshold: Double = 1e-4, minimumFraction: Double = 0.01) {
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.minimumFraction = minimumFraction
        require(complaint == nil, complaint ?? "")
    }

    var complaint: String? {
        guard factor > 0, factor < 1 else { return "a plateau's factor is in (0, 1), not \(factor)" }
        guard patience >= 0 else { return "a plateau's patience is 0 or more evaluations, not \(patience)" }
        guard threshold >= 0, threshold.isFinite else { return "a plateau's threshold is 0 or more, not \(threshold)" }
        guard (0...1).contains(minimumFraction) else {
            return "a plateau's least fraction is in [0, 1], not \(minimumFraction)"
        }
        return nil
    }
}

/// What a plateau schedule has seen. A value, saved with the run.
package struct Plateau: Hashable, Codable, Sendable {
    package let rule: PlateauRule
    /// What the rate is multiplied by now.
    package private(set) var fraction = 1.0
    /// Nil before the first finite loss.
    package private(set) var best: Double?
    package private(set) var badEvaluations = 0

    package init(_ rule: PlateauRule) { self.rule = rule }

    /// Takes a validation loss; one that is not finite is no improvement.
    /// - Returns: whether the rate has just been lowered.
    @discardableResult
    package mutating func record(_ loss: Double) -> Bool {
        if loss.isFinite, best.map({ loss < $0 - rule.threshold * abs($0) }) ?? true {
            best = loss
            badEvaluations = 0
            return false
        }
        badEvaluations += 1
        guard badEvaluations > rule.patience else { return false }
        badEvaluations = 0
        let lowered = max(fraction * rule.factor, rule.minimumFraction)
        defer { fraction = min(fraction, lowered) }
        return lowered < fraction
    }
}
