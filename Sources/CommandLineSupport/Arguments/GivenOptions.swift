package import TrainingRuns

/// Options that were given although a run has fixed them, and what it has stored instead.
package struct GivenOptions {
    private var given: [(option: String, stored: String)] = []

    package init() {}

    /// - Parameters:
    ///   - value: nil if the option was not given.
    ///   - text: what is stored, as it is typed with its option.
    package mutating func add(_ option: String, _ value: Any?, text: String) {
        if value != nil { given.append((option, text)) }
    }

    /// - Parameter stored: the value; nil: the run has none.
    package mutating func add(_ option: String, _ value: Any?, stored: (some CustomStringConvertible)?) {
        add(option, value, text: stored.map { "\(option) \($0)" } ?? "no \(option)")
    }

    package mutating func add(_ option: String, flag isGiven: Bool, stored: Bool) {
        add(option, isGiven ? true : nil, text: "\(stored ? "" : "no ")\(option)")
    }

    package var first: (option: String, stored: String)? { given.first }

    /// - Throws: ``RunError/fixedByRun(run:option:stored:)`` if there are any.
    package func refuse(for run: String) throws(RunError) {
        guard let first else { return }
        throw .fixedByRun(run: run, option: first.option, stored: first.stored)
    }
}
