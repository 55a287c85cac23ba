package import Training

/// What a user may fix of a run before it starts, whatever is trained. Everything left out follows from the data.
package protocol RunOptions {
    /// Passes over the training part.
    var epochs: Double? { get set }
    var steps: Int? { get set }
    /// Seconds. When warm-up ends, the rate measured so far fixes the number of steps.
    var timeLimit: Double? { get set }
    var optimizer: OptimizerKind? { get set }
    var learningRate: Double? { get set }
    var schedule: ScheduleKind? { get set }
    var warmUp: Int? { get set }
    var weightDecay: Double? { get set }
    /// 0: the norm of the gradients is not limited.
    var clipNorm: Double? { get set }
    /// Nil: automatic, unless the number of steps or epochs is given.
    var patience: Patience? { get set }
    var evaluateEvery: Int? { get set }
    var saveEvery: Int? { get set }
    var seed: UInt64? { get set }
}

extension RunOptions {
    /// How long a run goes on, for the plan. Who gives a number of steps wants them done.
    package var plannedPatience: Patience? {
        (patience ?? (steps == nil && epochs == nil ? .automatic : .unlimited)).limited
    }

    /// Checks these options, not those that only one kind of run has.
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package func validateRun() throws(RunError) {
        try OptionCheck.above(epochs, "--epochs")
        try OptionCheck.positive(steps, "--steps")
        try OptionCheck.timeLimit(timeLimit)
        try OptionCheck.above(learningRate, "--lr")
        try OptionCheck.require(
            warmUp.map { (0...largestStepCount).contains($0) } ?? true, "--warm-up",
            "from 0 to \(largestStepCount) steps, not \(warmUp ?? 0)")
        // It becomes single precision, in which it may be infinite.
        try OptionCheck.require(
            weightDecay.map { $0 >= 0 && Float($0).isFinite } ?? true, "--weight-decay",
            "0 or more, not \(weightDecay ?? 0)")
        try OptionCheck.aboveOrNone(clipNorm, "--clip-norm")
        try OptionCheck.positive(patience?.count, "--patience")
        try OptionCheck.positive(evaluateEvery, "--eval-every")
        try OptionCheck.positive(saveEvery, "--save-every")
    }
}
