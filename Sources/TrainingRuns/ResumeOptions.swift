import Foundation

/// What may change when a run goes on. Everything else comes from the run.
package struct ResumeOptions: Sendable, Equatable {
    package var steps: Int?
    package var epochs: Double?
    package var timeLimit: Double?

    package init(steps: Int? = nil, epochs: Double? = nil, timeLimit: Double? = nil) {
        self.steps = steps
        self.epochs = epochs
        self.timeLimit = timeLimit
    }
}

extension ResumeOptions {
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package func validate() throws(RunError) {
        if let steps { try OptionCheck.positive(steps, "--steps") }
        if let epochs { try OptionCheck.above(epochs, "--epochs") }
        if let timeLimit { try OptionCheck.timeLimit(timeLimit) }
    }
}

/// Checks that the options of all kinds of training share.
package enum OptionCheck {
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package static func require(_ holds: Bool, _ option: String, _ reason: String) throws(RunError) {
        guard holds else { throw .invalidOption(option, reason: reason) }
    }

    package static func positive(_ value: Int?, _ option: String) throws(RunError) {
        try require(
            value.map { (1...largestStepCount).contains($0) } ?? true, option,
            "from 1 to \(largestStepCount), not \(value ?? 0)")
    }

    package static func above(_ value: Double?, _ option: String) throws(RunError) {
        try require(value.map { $0 > 0 && $0.isFinite } ?? true, option, "must be a number above 0, not \(value ?? 0)")
    }

    /// For an option in which 0 stands for "none".
    package static func aboveOrNone(_ value: Double?, _ option: String) throws(RunError) {
        try require(
            value.map { $0 >= 0 && $0.isFinite } ?? true, option,
            "must be a number above 0, or 0 (none), not \(value ?? 0)")
    }

    package static func timeLimit(_ seconds: Double?) throws(RunError) {
        try above(seconds, "--time-limit")
        try require(
            seconds.map { $0 <= Double(largestStepCount) } ?? true, "--time-limit",
            "at most \(largestStepCount) seconds, not \(seconds ?? 0)")
    }
}
