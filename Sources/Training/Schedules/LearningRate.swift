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
