package import TensorCore
import Training

/// What a plan will take, from a few real steps of the real model on the real data.
package struct CostEstimate: Equatable, Sendable {
    package var secondsPerStep: Double
    package var unitsPerSecond: Double
    /// Steps of the run; with a time limit, those that fit.
    package var steps: Int
    /// The whole run, with validations and the final score.
    package var seconds: Double

    /// Trains for some seconds, at least three steps; nothing is stored. The task is of no use afterwards.
    package static func measure<Task: TrainingTask>(
        _ task: Task, plan: Task.Plan, seconds: Double = 2, in context: ComputeContext
    ) throws -> CostEstimate {
        var optimizer = plan.optimizer.makeOptimizer(), clock = SessionClock(), step = 0
        while step < 3 || (clock.sessionSeconds < seconds && step < 200) {
            let began = clock.sessionSeconds, found = try task.gradients(step: step)
            optimizer.update(
                task.parameters, along: found.tensors, rate: Float(plan.learningRateSchedule.rate(at: step)),
                scale: found.clip.scale, in: context)
            task.advance()
            clock.stepDone(units: found.units, seconds: clock.sessionSeconds - began)
            step += 1
        }
        let cost = task.timeCost(plan, secondsPerStep: clock.secondsPerStep)
        var steps = plan.steps
        if let limit = plan.timeLimit, !plan.stepsAreFixed {
            steps = min(cost.steps(within: limit), plan.mostSteps ?? .max)
        }
        var whole = Double(steps) * cost.secondsPerStep + cost.finalSeconds
        if let limit = plan.timeLimit { whole = min(whole, limit) }
        return CostEstimate(
            secondsPerStep: clock.secondsPerStep, unitsPerSecond: clock.unitsPerSecond, steps: steps, seconds: whole)
    }
}
