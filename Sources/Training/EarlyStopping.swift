/// Ends a run when the validation loss has stopped falling, and knows which evaluation was best: the weights to keep
/// are those of ``bestStep``, not the last ones. A value, saved with the run; it reads no clock.
public struct EarlyStopping: Hashable, Codable, Sendable {
    /// Nil: nothing ends the run.
    public var patience: Patience?
    /// Nil before the first finite loss.
    public private(set) var bestLoss: Double?
    /// The step after which the best loss was measured.
    public private(set) var bestStep: Int?
    /// Evaluations in a row without improvement.
    public private(set) var badEvaluations = 0
    /// Evaluations in a row that were clearly worse than the best; nil in runs of earlier versions.
    private var clearlyWorse: Int?
    /// The step of the last evaluation; nil likewise.
    private var lastStep: Int?

    public init(patience: Patience? = nil) {
        precondition(
            patience?.count.map { $0 >= 1 } ?? true, "patience is 1 or more evaluations, not \(patience?.count ?? 0)")
        self.patience = patience?.limited
    }

    /// Whether patience is over.
    public var isExhausted: Bool {
        switch patience {
        case nil, .unlimited: false
        case .evaluations(let count): badEvaluations >= count
        case .automatic:
            (clearlyWorse ?? 0) >= RisingLoss.evaluations
                && RisingLoss.isLong(lastStep ?? 0, sinceBest: bestStep ?? 0)
        }
    }

    /// Patience anew, for a run that was over and is to go on; what was best stays.
    public mutating func startAgain() { (badEvaluations, clearlyWorse) = (0, 0) }

    public enum Verdict: Hashable, Sendable {
        /// The best loss so far: keep these weights.
        case improved
        case notImproved
        /// Patience is over: end the run with the weights of the best step.
        case stop
    }

    /// Takes the validation loss after `step` steps. One that is not finite is no improvement.
    public mutating func record(_ loss: Double, after step: Int) -> Verdict {
        lastStep = step
        if loss.isFinite, bestLoss.map({ loss < $0 }) ?? true {
            bestLoss = loss
            bestStep = step
            startAgain()
            return .improved
        }
        badEvaluations += 1
        clearlyWorse = RisingLoss.isClear(loss, best: bestLoss ?? .infinity) ? (clearlyWorse ?? 0) + 1 : 0
        return isExhausted ? .stop : .notImproved
    }
}
