import Requirements

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
