import Requirements
import TensorCore

/// The learning rate as a pure function of the step: warm-up, then a shape.
///
/// Warm-up of W steps: step k has `base * (k + 1) / (W + 1)`, so that step W is the first with the base rate. The
/// shape's progress is then (k - W) / (steps - W), and stays at its end for steps beyond the last.
package struct LearningRateSchedule: Hashable, Sendable {
    /// The highest rate.
    package let base: Double
    package let shape: LearningRateShape
    /// Steps of the run, warm-up included.
    package let steps: Int
    package let warmUp: Int

    /// - Precondition: the base rate is above 0 and finite, steps and warm-up are not negative, the shape's numbers are
    ///   in their ranges. A warm-up longer than the run ends before it reaches the base rate.
    package init(base: Double, shape: LearningRateShape = .constant, steps: Int, warmUp: Int = 0) {
        self.base = base
        self.shape = shape
        self.steps = steps
        self.warmUp = warmUp
        require(complaint == nil, complaint ?? "")
    }

    /// The rate of step number `step`, from 0. With a plateau shape multiply by ``Plateau/fraction``, or use
    /// ``LearningRate``, which does.
    package func rate(at step: Int) -> Double {
        require(step >= 0, "steps count from 0, not \(step)")
        guard step >= warmUp else { return base * Double(step + 1) / Double(warmUp + 1) }
        return base * shape.fraction(done: step - warmUp, of: steps - warmUp)
    }

    var complaint: String? {
        guard base > 0, base.isFinite else { return "a learning rate is above 0, not \(base)" }
        guard steps >= 0 else { return "a run has 0 or more steps, not \(steps)" }
        guard warmUp >= 0 else { return "warm-up takes 0 or more steps, not \(warmUp)" }
        return shape.complaint
    }
}

/// How the learning rate falls after warm-up, as a fraction of the base rate. A fraction is in (0, 1] or, where it
/// may end at nothing, [0, 1].
public enum LearningRateShape: Hashable, Sendable {
    /// The base rate in every step.
    case constant
    /// In equal steps to `finalFraction` at the end of the run, in [0, 1].
    case linear(finalFraction: Double)
    /// By the same ratio in each step, to `finalFraction` at the end of the run, in (0, 1].
    case exponential(finalFraction: Double)
    /// Multiplied by `factor`, in (0, 1], every `every` steps, at least 1.
    case step(factor: Double, every: Int)
    /// Half a period of a cosine, to `finalFraction` at the end of the run, in [0, 1]. Loshchilov & Hutter 2017, eq. 5.
    case cosine(finalFraction: Double)
    /// Falls when the validation loss does not, see ``PlateauRule``.
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

/// When the learning rate falls because the validation loss does not: PyTorch's `ReduceLROnPlateau`.
public struct PlateauRule: Hashable, Codable, Sendable {
    /// What the rate is multiplied by, in (0, 1).
    public var factor: Double
    /// So many evaluations in a row may bring no improvement; the next one lowers the rate.
    public var patience: Int
    /// An improvement is a loss below the best by this part of it, at least 0.
    public var threshold: Double
    /// The factor on the base rate never falls below this, in [0, 1].
    public var minimumFraction: Double

    /// - Precondition: all numbers are in their ranges.
    public init(factor: Double = 0.5, patience: Int = 2, threshold: Double = 1e-4, minimumFraction: Double = 0.01) {
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.minimumFraction = minimumFraction
        require(complaint == nil, complaint ?? "")
    }

    var complaint: String? {
        guard factor > 0, factor < 1 else { return "a plateau's factor is in (0, 1), not \(factor)" }
        guard patience >= 0 else { return "a plateau's patience is 0 or more evaluations, not \(patience)" }
        guard threshold >= 0, threshold.isFinite else { return "a plateau's threshold is 0 or more, not \(threshold)" }
        guard (0...1).contains(minimumFraction) else {
            return "a plateau's least fraction is in [0, 1], not \(minimumFraction)"
        }
        return nil
    }
}

/// The schedules by name, as a command line writes them.
package enum ScheduleKind: String, CaseIterable, Codable, Sendable {
    case constant, linear, exponential, step, cosine, plateau

    /// The shape with everyday numbers.
    /// - Parameters:
    ///   - steps: of the whole run; a step decay quarters it.
    ///   - finalFraction: where linear, exponential and cosine end; nil for 0, 0.1 and 0.
    package func shape(steps: Int, finalFraction: Double? = nil) -> LearningRateShape {
        switch self {
        case .constant: .constant
        case .linear: .linear(finalFraction: finalFraction ?? 0)
        case .exponential: .exponential(finalFraction: finalFraction ?? 0.1)
        case .step: .step(factor: 0.5, every: max(1, steps / 4))
        case .cosine: .cosine(finalFraction: finalFraction ?? 0)
        case .plateau: .plateau(PlateauRule())
        }
    }
}

/// Stored flat, `{"kind":"cosine","base":0.003,"steps":20000,"warm_up":200,"final_fraction":0}`. Numbers outside of
/// their ranges are a decoding error.
extension LearningRateSchedule: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, base, steps, factor, every, plateau
        case warmUp = "warm_up"
        case finalFraction = "final_fraction"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(shape.kind, forKey: .kind)
        try container.encode(base, forKey: .base)
        try container.encode(steps, forKey: .steps)
        try container.encode(warmUp, forKey: .warmUp)
        switch shape {
        case .constant: break
        case .linear(let final), .exponential(let final), .cosine(let final):
            try container.encode(final, forKey: .finalFraction)
        case .step(let factor, let every):
            try container.encode(factor, forKey: .factor)
            try container.encode(every, forKey: .every)
        case .plateau(let rule):
            try container.encode(rule, forKey: .plateau)
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func number(_ key: CodingKeys) throws -> Double { try container.decode(Double.self, forKey: key) }
        base = try number(.base)
        steps = try container.decode(Int.self, forKey: .steps)
        warmUp = try container.decode(Int.self, forKey: .warmUp)
        switch try container.decode(ScheduleKind.self, forKey: .kind) {
        case .constant: shape = .constant
        case .linear: shape = try .linear(finalFraction: number(.finalFraction))
        case .exponential: shape = try .exponential(finalFraction: number(.finalFraction))
        case .step: shape = try .step(factor: number(.factor), every: container.decode(Int.self, forKey: .every))
        case .cosine: shape = try .cosine(finalFraction: number(.finalFraction))
        case .plateau: shape = try .plateau(container.decode(PlateauRule.self, forKey: .plateau))
        }
        if let complaint {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: complaint))
        }
    }
}
