/// A schedule together with what it has learned from validation: what a checkpoint holds of the learning rate.
package struct LearningRate: Hashable, Codable, Sendable {
    package let schedule: LearningRateSchedule
    /// Nil unless the schedule waits for plateaus.
    package private(set) var plateau: Plateau?

    package init(_ schedule: LearningRateSchedule) {
        self.schedule = schedule
        if case .plateau(let rule) = schedule.shape { plateau = Plateau(rule) }
    }

    /// The rate of step number `step`, from 0.
    package func rate(at step: Int) -> Double { schedule.rate(at: step) * (plateau?.fraction ?? 1) }

    /// Takes a validation loss.
    /// - Returns: whether the rate has just been lowered because of it.
    @discardableResult
    package mutating func record(validationLoss: Double) -> Bool { plateau?.record(validationLoss) ?? false }

    /// The same experience under another schedule: for a run that is given more steps.
    package func following(_ schedule: LearningRateSchedule) -> LearningRate {
        var result = LearningRate(schedule)
        if result.plateau?.rule == plateau?.rule { result.plateau = plateau }
        return result
    }
}

/// What a plateau schedule has seen. A value, saved with the run.
package struct Plateau: Hashable, Codable, Sendable {
    package let rule: PlateauRule
    /// What the rate is multiplied by now.
    package private(set) var fraction = 1.0
    /// Nil before the first finite loss.
    package private(set) var best: Double?
    @StoredCount package private(set) var badEvaluations = 0

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
