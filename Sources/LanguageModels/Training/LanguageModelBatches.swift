import TextCorpora
import TrainingRuns

/// Where a run's windows come from: lanes read in order, or windows that start anywhere.
struct LanguageModelBatches {
    private enum Source {
        case lanes(LaneBatches)
        /// The number of the next window is its whole state.
        case random(RandomWindows, next: Int)
    }
    private var source: Source

    init(_ plan: LanguageModelPlan, _ tokens: Tokens, range: Range<Int>, replacement: UnitReplacement?) {
        source =
            plan.randomWindows
            ? .random(
                RandomWindows(
                    tokens, range: range, lanes: plan.lanes, window: plan.window, seed: plan.seed,
                    replacement: replacement), next: 0)
            : .lanes(
                LaneBatches(tokens, range: range, lanes: plan.lanes, window: plan.window, replacement: replacement))
    }

    var cursor: BatchCursor {
        get {
            switch source {
            case .lanes(let batches): batches.cursor
            case .random(_, let next): BatchCursor(position: next)
            }
        }
        set {
            switch source {
            case .lanes(var batches):
                batches.cursor = newValue
                source = .lanes(batches)
            case .random(let windows, _): source = .random(windows, next: newValue.position)
            }
        }
    }

    /// Whether a run can stand there.
    func accepts(_ cursor: BatchCursor) -> Bool {
        switch source {
        case .lanes(let batches): batches.accepts(cursor)
        case .random: cursor.isPossible
        }
    }

    mutating func next() -> TokenBatch {
        switch source {
        case .lanes(var batches):
            guard let batch = batches.next() else { fatalError("lanes without an end have ended") }
            source = .lanes(batches)
            return batch
        case .random(let windows, let next):
            source = .random(windows, next: next + 1)
            return windows.batch(step: next)
        }
    }
}
