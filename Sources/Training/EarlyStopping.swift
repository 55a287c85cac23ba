import Requirements

/// Ends a run when the validation loss has stopped falling, and knows which evaluation was best: the weights to keep
/// are those of ``bestStep``, not the last ones. A value, saved with the run; it reads no clock.
package struct EarlyStopping: Hashable, Codable, Sendable {
    /// Nil: nothing ends the run.
    package var patience: Patience?
    /// Nil before the first finite loss.
    package private(set) var bestLoss: Double?
    /// The step after which the best loss was measured.
    package private(set) var bestStep: Int?
    /// Evaluations in a row without improvement.
    @StoredCount package private(set) var badEvaluations = 0
    /// What automatic patience has seen; nil in runs of earlier versions.
    private var rise: RisingLoss?

    package init(patience: Patience? = nil) {
        require(
            patience?.count.map { $0 >= 1 } ?? true, "patience is 1 or more evaluations, not \(patience?.count ?? 0)")
        self.patience = patience?.limited
    }

    /// Whether patience is over.
    package var isExhausted: Bool {
        switch patience {
        case nil, .unlimited: false
        case .evaluations(let count): badEvaluations >= count
        case .automatic: rise?.isClear ?? false
        }
    }

    /// Patience anew, for a run that was over and is to go on; what was best stays.
    package mutating func startAgain() { (badEvaluations, rise) = (0, nil) }

    package enum Verdict: Hashable, Sendable {
        /// The best loss so far: keep these weights.
        case improved
        case notImproved
        /// Patience is over: end the run with the weights of the best step.
        case stop
    }

    /// Takes the validation loss after `step` steps. One that is not finite is no improvement.
    package mutating func record(_ loss: Double, after step: Int) -> Verdict {
        let isBest = loss.isFinite && bestLoss.map { loss < $0 } ?? true
        if isBest {
            (bestLoss, bestStep) = (loss, step)
            badEvaluations = 0
        } else {
            badEvaluations += 1
        }
        if patience == .automatic {
            var seen = rise ?? RisingLoss()
            seen.record(loss, after: step, bestStep: bestStep ?? step)
            rise = seen
        }
        return isBest ? .improved : isExhausted ? .stop : .notImproved
    }
}
