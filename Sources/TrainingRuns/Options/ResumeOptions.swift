/// What may change when a run goes on. Everything else comes from the run.
package struct ResumeOptions: Sendable, Equatable {
    package var steps: Int?
    package var epochs: Double?
    package var timeLimit: Double?

    package init(steps: Int? = nil, epochs: Double? = nil, timeLimit: Double? = nil) {
        (self.steps, self.epochs, self.timeLimit) = (steps, epochs, timeLimit)
    }

    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package func validate() throws(RunError) {
        try OptionFormat<Int>.count().check(steps, "steps")
        try OptionFormat<Double>.positive.check(epochs, "epochs")
        try OptionFormat<Double>.timeSpan.check(timeLimit, "time-limit")
    }
}
