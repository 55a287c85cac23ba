import Foundation

extension Oracle {
    /// The learning rate of step 0, 1, ... as PyTorch's schedulers give it. `base` is the rate before any factor.
    public indirect enum Schedule: Sendable {
        case constant
        /// From base to base·`endFactor` in equal steps over `steps`, then held.
        case linear(endFactor: Double, steps: Int)
        /// base·γᵏ; γ = r^(1/n) decays to the ratio r in n steps.
        case exponential(gamma: Double)
        /// base·γ^⌊k/every⌋.
        case step(gamma: Double, every: Int)
        /// minimum + (base − minimum)·(1 + cos(πk/steps))/2, then held: Loshchilov and Hutter 2017.
        case cosine(minimum: Double, steps: Int)
        /// base·(k + 1)/(W + 1) for the first W steps, then another schedule, whose step 0 is step W.
        case warmUp(steps: Int, then: Schedule)

        public func rate(at k: Int, base: Double) -> Double {
            switch self {
            case .constant:
                return base
            case .linear(let endFactor, let steps):
                return base * (1 + (endFactor - 1) * Double(min(k, steps)) / Double(steps))
            case .exponential(let gamma):
                return base * pow(gamma, Double(k))
            case .step(let gamma, let every):
                return base * pow(gamma, Double(k / every))
            case .cosine(let minimum, let steps):
                let progress = Double(min(k, steps)) / Double(steps)
                return minimum + (base - minimum) * (1 + cos(.pi * progress)) / 2
            case .warmUp(let steps, let after):
                guard k < steps else { return after.rate(at: k - steps, base: base) }
                return base * Double(k + 1) / Double(steps + 1)
            }
        }
    }

    /// Multiplies the rate by `factor` when the loss has not improved for more than `patience` checks: PyTorch's
    /// ReduceLROnPlateau, an improvement being a loss below best·(1 − threshold).
    public struct Plateau: Sendable {
        public var rate: Double
        public let factor: Double
        public let patience: Int
        public let threshold: Double
        public let minimum: Double
        private var best = Double.infinity
        private var badChecks = 0

        public init(rate: Double, factor: Double, patience: Int, threshold: Double = 1e-4, minimum: Double = 0) {
            (self.rate, self.factor, self.patience) = (rate, factor, patience)
            (self.threshold, self.minimum) = (threshold, minimum)
        }

        /// Takes a validation loss; returns the rate from here on.
        public mutating func check(_ loss: Double) -> Double {
            if loss < best * (1 - threshold) {
                (best, badChecks) = (loss, 0)
            } else {
                badChecks += 1
            }
            if badChecks > patience {
                (rate, badChecks) = (max(rate * factor, minimum), 0)
            }
            return rate
        }
    }
}
