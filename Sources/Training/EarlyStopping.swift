import Requirements

/// Ends a run when the validation loss has stopped falling, and knows which evaluation was best: the weights to keep
/// are those of ``bestStep``, not the last ones. A value, saved with the run; it reads no clock.
public struct EarlyStopping: Hashable, Codable, Sendable {
    /// So many evaluations in a row without improvement end the run, at least 1. Nil: none do.
    public var patience: Int?
    /// Nil before the first finite loss.
    public private(set) var bestLoss: Double?
    /// The step after which the best loss was measured.
    public private(set) var bestStep: Int?
    /// Evaluations in a row without improvement.
    public private(set) var badEvaluations = 0

    public init(patience: Int? = nil) {
        require(patience.map { $0 >= 1 } ?? true, "patience is 1 or more evaluations, not \(patience ?? 0)")
        self.patience = patience
    }

    /// Whether patience is over.
    public var isExhausted: Bool { patience.map { badEvaluations >= $0 } ?? false }

    /// Patience anew, for a run that was over and is to go on; what was best stays.
    public mutating func startAgain() { badEvaluations = 0 }

    public enum Verdict: Hashable, Sendable {
        /// The best loss so far: keep these weights.
        case improved
        case notImproved
        /// Patience is over: end the run with the weights of the best step.
        case stop
    }

    /// Takes the validation loss after `step` steps. One that is not finite is no improvement.
    public mutating func record(_ loss: Double, after step: Int) -> Verdict {
        if loss.isFinite, bestLoss.map({ loss < $0 }) ?? true {
            bestLoss = loss
            bestStep = step
            badEvaluations = 0
            return .improved
        }
        badEvaluations += 1
        return isExhausted ? .stop : .notImproved
    }
}
