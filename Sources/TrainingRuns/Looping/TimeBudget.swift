/// How a session spends the seconds it was given: what the end takes is kept back, and the number of steps follows the
/// rate when the machine becomes slower or faster than it was when the number was fixed.
struct TimeBudget {
    /// Seconds of the session.
    let limit: Double
    /// Seconds that the last validation and the final score take, at the rate they were estimated at.
    private var finalSeconds = 0.0
    /// Training alone, at that rate.
    private var secondsPerStep = 0.0
    private var lastLook: (step: Int, seconds: Double)?
    /// How much longer things take now than they did then; at least 1.
    private var slowness = 1.0

    init(limit: Double) { self.limit = limit }

    /// Of the limit, this much is planned: the last bit is for what nobody foresees.
    private static let plannedShare = 0.98
    /// Between two looks at the rate: short ones say little.
    private var interval: Double { max(2, limit / 12) }

    /// Whether it knows what things take.
    var isWatching: Bool { lastLook != nil }

    /// From when on nothing may be begun but the end.
    var deadline: Double { max(limit / 2, limit - finalSeconds * slowness) }

    /// Takes what was measured, and begins to watch the rate.
    mutating func begin(_ cost: TimeCost, secondsPerStep: Double, step: Int, at seconds: Double) {
        (finalSeconds, self.secondsPerStep) = (cost.finalSeconds, secondsPerStep)
        (lastLook, slowness) = ((step, seconds), 1)
    }

    /// Steps that fit into what is left, at a cost.
    func steps(_ cost: TimeCost, at seconds: Double) -> Int { cost.steps(within: limit * Self.plannedShare - seconds) }

    /// Looks at the rate since the last look, now and then.
    /// - Parameters:
    ///   - step: steps done.
    ///   - steps: of the whole run, as planned.
    /// - Returns: another number for the whole run, if the planned one would end after the limit, or long before it.
    mutating func revised(_ steps: Int, after step: Int, at seconds: Double) -> Int? {
        guard let last = lastLook, seconds - last.seconds >= interval, step > last.step else { return nil }
        lastLook = (step, seconds)
        let rate = (seconds - last.seconds) / Double(step - last.step)
        slowness = secondsPerStep > 0 ? max(1, rate / secondsPerStep) : 1
        let end = seconds + Double(steps - step) * rate + finalSeconds * slowness
        guard end > limit || end < 0.85 * limit else { return nil }
        let left = limit * Self.plannedShare - seconds - finalSeconds * slowness
        return step + max(1, Int(min(max(0, left) / rate, Double(largestStepCount / 2))))
    }
}
