import TensorCore

/// How the learning rate falls after warm-up, as a fraction of the base rate. A fraction is in (0, 1] or, where it
/// may end at nothing, [0, 1].
package enum LearningRateShape: Hashable, Sendable {
    case constant
    /// In equal steps to `finalFraction` at the end of the run, in [0, 1].
    case linear(finalFraction: Double)
    /// By the same ratio in each step, to `finalFraction` at the end of the run, in (0, 1].
    case exponential(finalFraction: Double)
    /// Multiplied by `factor`, in (0, 1], every `every` steps, at least 1.
    case step(factor: Double, every: Int)
    /// Half a period of a cosine, to `finalFraction` at the end of the run, in [0, 1]. Loshchilov & Hutter 2017, eq. 5.
    case cosine(finalFraction: Double)
    /// Falls when the validation loss does not, see ``Plateau``.
    case plateau(PlateauRule)

    package var kind: ScheduleKind {
        switch self {
        case .constant: .constant
        case .linear: .linear
        case .exponential: .exponential
        case .step: .step
        case .cosine: .cosine
        case .plateau: .plateau
        }
    }

    /// The fraction `done` steps after warm-up when `total` follow it; 1 for plateau, whose factor depends on losses.
    func fraction(done: Int, of total: Int) -> Double {
        let progress = total > 0 ? min(1, Double(done) / Double(total)) : 1
        switch self {
        case .constant, .plateau: return 1
        case .linear(let final): return 1 + (final - 1) * progress
        case .exponential(let final): return DeterministicMath.pow(final, progress)
        case .step(let factor, let every): return DeterministicMath.pow(factor, Double(done / every))
        case .cosine(let final):
            return final + (1 - final) * (1 + DeterministicMath.cos(.pi * progress)) / 2
        }
    }

    /// What is wrong with the numbers, if anything is.
    var complaint: String? {
        switch self {
        case .constant: nil
        case .linear(let final), .cosine(let final):
            (0...1).contains(final) ? nil : "the final fraction of the learning rate is in [0, 1], not \(final)"
        case .exponential(let final):
            final > 0 && final <= 1 ? nil : "an exponential decay ends at a fraction in (0, 1], not \(final)"
        case .step(let factor, let every):
            factor > 0 && factor <= 1 && every >= 1
                ? nil : "a step decay has a factor in (0, 1] every 1 or more steps, not \(factor) every \(every)"
        case .plateau(let rule): rule.complaint
        }
    }
}
