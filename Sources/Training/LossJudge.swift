/// Tells training that has gone astray from training that is slow or noisy, by the losses of its steps alone. A loss
/// can be a number for ever and say nothing: with a rate far too high it ends at a thousand times that of guessing.
///
/// Two sums are kept, each of what is too much in every step, and never below zero (Page 1954, cumulative sums): a
/// single bad step adds a little, which good ones take away again; bad steps in a row add up.
///
/// - **Worse than guessing**: above 1.1 times the loss of a model that knows nothing (that of guessing, or that of the
///   first step, whichever is more). Five steps at six times that loss are enough, or two hundred at 1.2 times.
/// - **What was learned is lost**: more than half of the way back from the run's own best to guessing. A hundred steps
///   at the loss of guessing are enough. A text that changes its language costs much less.
///
/// A value, saved with the run; it reads no clock.
package struct LossJudge: Hashable, Codable, Sendable {
    /// The loss of a model that knows nothing, such as ln V of V equally likely units; nil: not known.
    package var guessing: Double?
    /// That of the first step, before anything was learned.
    package private(set) var first: Double?
    /// The least running average so far.
    package private(set) var best: Double?
    private var average = Self.shortAverage
    /// Steps in that average.
    @StoredCount private var steps = 0
    private var aboveGuessing = 0.0
    private var aboveBest = 0.0

    /// Above the loss of guessing by this factor no loss is normal.
    package static let tolerance = 1.1
    private static let shortAverage = RunningAverage(decay: 0.96)
    private static let stepsOfAnAverage = 50

    package init(guessing: Double? = nil) { self.guessing = guessing }

    /// Why training should not go on from here.
    package enum Complaint: Hashable, Sendable, CustomStringConvertible {
        case worseThanGuessing(loss: Double, guessing: Double)
        case lost(loss: Double, best: Double)

        package var description: String {
            switch self {
            case .worseThanGuessing(let loss, let guessing):
                "the loss has stayed above that of guessing (\(Self.text(loss)), guessing \(Self.text(guessing)))"
            case .lost(let loss, let best):
                "what was learned is lost (the loss is \(Self.text(loss)), it was \(Self.text(best)))"
            }
        }

        private static func text(_ loss: Double) -> String {
            let digits = loss.magnitude < 0.1 ? 1e5 : 1e2
            return loss.magnitude < 1e12 ? "\((loss * digits).rounded() / digits)" : "\(loss)"
        }
    }

    /// Takes the loss of a step, which is a finite number.
    /// - Returns: what is wrong, if that is certain now.
    package mutating func record(_ loss: Double) -> Complaint? {
        if first == nil { first = loss }
        guard let reference, reference > 0 else { return nil }
        aboveGuessing = max(0, aboveGuessing + min(5, loss / reference - Self.tolerance))
        if aboveGuessing > 20 { return .worseThanGuessing(loss: loss, guessing: reference) }
        if let best, let guessing, best < 0.75 * guessing {
            aboveBest = max(0, aboveBest + min(1, (loss - (best + guessing) / 2) / (guessing - best)))
            if aboveBest > 50 { return .lost(loss: average.value ?? loss, best: best) }
        }
        average.record(loss)
        steps += 1
        if steps >= Self.stepsOfAnAverage, let value = average.value { best = min(best ?? value, value) }
        return nil
    }

    /// Whether the last losses were too high: not a state to go back to.
    package var isSuspicious: Bool { aboveGuessing > 0 || aboveBest > 0 }

    /// Begins anew where training has gone back to. What was best stays.
    package mutating func startAgain() {
        (average, steps) = (Self.shortAverage, 0)
        (aboveGuessing, aboveBest) = (0, 0)
    }

    /// What a loss at the end of a run has to be below to say that anything was learned, if it is not; nil: it is.
    ///
    /// A run of a few steps has learned nothing yet: only what is twice as bad as a model that knows nothing has gone
    /// astray. Scores of a handful of pictures differ from the whole by as much.
    /// - Parameter guessing: the loss of guessing over the same data; nil: not known.
    package func limitMissed(by loss: Double, steps: Int, guessing: Double?) -> Double? {
        let isShort = steps < 200
        let limit = isShort ? max(reference ?? 0, guessing ?? 0) : guessing ?? reference
        guard let limit, limit > 0, !(loss <= limit * (isShort ? 2 : Self.tolerance)) else { return nil }
        return limit
    }

    private var reference: Double? {
        guard let guessing, let first else { return guessing ?? first }
        return max(guessing, first)
    }

    private enum CodingKeys: String, CodingKey {
        case guessing, first, best, average, steps
        case aboveGuessing = "above_guessing"
        case aboveBest = "above_best"
    }
}
