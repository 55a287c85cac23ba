import Requirements

/// What to do when a loss or a gradient norm is not a finite number, or when losses say that training has gone astray
/// (``LossJudge``): go back to the last good state with a lower learning rate, and give up after a few times. A pure
/// state machine; the loop holds the states.
///
/// It is no part of the state that it goes back to: restored with it, the count would never grow. It is part of a
/// checkpoint. A run stopped between a roll-back and the next checkpoint repeats the same roll-back when resumed, since
/// all of it is a function of the step.
package struct RollBack: Hashable, Codable, Sendable {
    /// How often a run may go back.
    package let limit: Int
    /// What the learning rate is multiplied by each time, in (0, 1).
    package let factor: Double
    /// How often it has gone back.
    @StoredCount package private(set) var count = 0
    /// What the scheduled learning rate is to be multiplied by from here on.
    package private(set) var rateFraction = 1.0
    /// What it makes of losses that are numbers.
    package var judge = LossJudge()

    package init(limit: Int = 4, factor: Double = 0.5) {
        require(limit >= 0, "a run goes back 0 or more times, not \(limit)")
        require(factor > 0 && factor < 1, "going back lowers the rate by a factor in (0, 1), not \(factor)")
        self.limit = limit
        self.factor = factor
    }

    /// What was not finite, or too high.
    package enum Failure: Hashable, Sendable, CustomStringConvertible {
        case loss(Double)
        case gradientNorm(Double)
        case astray(LossJudge.Complaint)

        package var description: String {
            switch self {
            case .loss(let value): "the loss is \(value.isNaN ? "not a number" : "\(value)")"
            case .gradientNorm(let value):
                "the norm of the gradients is \(value.isNaN ? "not a number" : "\(value)")"
            case .astray(let complaint): "\(complaint)"
            }
        }
    }

    package enum Decision: Hashable, Sendable {
        /// All is well: take the step.
        case proceed
        /// Do not take the step; restore the last good state and go on with ``RollBack/rateFraction``, just lowered.
        case goBack(because: Failure)
        /// Do not take the step; the run has failed for good.
        case giveUp(because: Failure)
    }

    /// Looks at a step before it is taken.
    /// - Parameter gradientNorm: left out where a loss is known that no gradients were computed for.
    package mutating func inspect(loss: Double, gradientNorm: Double = 0) -> Decision {
        let failure: Failure? =
            !loss.isFinite
            ? .loss(loss)
            : !gradientNorm.isFinite ? .gradientNorm(gradientNorm) : judge.record(loss).map { .astray($0) }
        guard let failure else { return .proceed }
        guard count < limit else { return .giveUp(because: failure) }
        count += 1
        rateFraction *= factor
        judge.startAgain()
        return .goBack(because: failure)
    }
}

extension RollBack {
    private enum CodingKeys: String, CodingKey {
        case limit, factor, count, rateFraction, judge
    }

    /// Runs of earlier versions have no judge: theirs begins where they go on.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        limit = try container.decode(Int.self, forKey: .limit)
        factor = try container.decode(Double.self, forKey: .factor)
        count = try container.decode(Int.self, forKey: .count)
        rateFraction = try container.decode(Double.self, forKey: .rateFraction)
        judge = try container.decodeIfPresent(LossJudge.self, forKey: .judge) ?? LossJudge()
    }
}
