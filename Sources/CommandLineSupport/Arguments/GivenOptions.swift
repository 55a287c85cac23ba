public import TrainingRuns

/// Options that were given although a run has fixed them, and what it has stored instead.
public struct GivenOptions {
    private var given: [(option: String, stored: String)] = []

    public init() {}

    /// - Parameters:
    ///   - value: nil if the option was not given.
    ///   - stored: as it is typed.
    public mutating func add(_ option: String, _ value: Any?, stored: String) {
        if value != nil { given.append((option, stored)) }
    }

    /// - Parameter stored: nil: the run has none.
    public mutating func add(_ option: String, _ value: Any?, stored: (some CustomStringConvertible)?) {
        add(option, value, stored: stored.map { "\(option) \($0)" } ?? "no \(option)")
    }

    public mutating func add(_ option: String, flag isGiven: Bool, stored: Bool) {
        add(option, isGiven ? true : nil, stored: "\(stored ? "" : "no ")\(option)")
    }

    public var first: (option: String, stored: String)? { given.first }

    /// - Throws: ``RunError/fixedByRun(run:option:stored:)`` if there are any.
    public func refuse(for run: String) throws(RunError) {
        guard let first else { return }
        throw .fixedByRun(run: run, option: first.option, stored: first.stored)
    }
}
