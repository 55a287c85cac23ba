import Foundation
import Training

/// How training keeps to a time limit: it measures what steps cost, fixes their number, and ends in time.
extension TrainingLoop {
    /// Ends training because the time is over. What is there is scored, as at the end of every run.
    /// - Returns: nil if training goes on to its end by itself, which is here now.
    func endInTime(_ watcher: TrainingWatcher) throws -> TrainingOutcome? {
        if clockFixesSteps, !plan.stepsAreFixed {
            fixSteps(step, watcher)
            return nil
        }
        if state.position.validatedStep != step {
            switch try validate(watcher) {
            case .passed: break
            case .interrupted: return try stop(.interrupted, watcher)
            case .notFinite: try restoreMarked()
            }
        }
        guard clockFixesSteps else { return try stop(.timeLimit, watcher) }
        record(event: RunEvents.cutShort, "after \(step) of \(plan.steps) steps: the time is over")
        return try finish(endsEarly: false, watcher)
    }

    /// Changes the number of steps if the machine has become slower or faster, where the clock has fixed it.
    func followTheClock(_ watcher: TrainingWatcher) {
        guard clockFixesSteps, plan.stepsAreFixed,
            let steps = budget?.revised(plan.steps, after: step, at: clock.sessionSeconds)
        else { return }
        fixSteps(steps, watcher)
    }

    /// After a step: fixes the number of steps when warm-up ends, and begins to watch the rate.
    func measureTime(_ watcher: TrainingWatcher) throws {
        if !plan.stepsAreFixed, step > plan.warmUp {
            // Few steps say little about the rate, the first ones least: the next one is made ahead, and not used.
            while clock.stepsMeasured < 8, clock.sessionSeconds < (timeLimit ?? 0) / 4 {
                let began = clock.sessionSeconds
                _ = try turn.computing { try task.gradients(step: step) }
                clock.stepMeasured(seconds: clock.sessionSeconds - began)
            }
            let cost = task.timeCost(plan, secondsPerStep: clock.secondsPerStep)
            let steps = budget.map { step + $0.steps(cost, at: clock.sessionSeconds) }
            fixSteps(steps ?? plan.steps, watcher)
        }
        if budget?.isWatching == false, clock.stepsMeasured >= 8 || plan.stepsAreFixed && clockFixesSteps {
            let perStep = clock.secondsPerStep
            budget?.begin(
                task.timeCost(plan, secondsPerStep: perStep), secondsPerStep: perStep, step: step,
                at: clock.sessionSeconds)
        }
    }

    /// Fixes the number of steps by the clock: when warm-up ends, and again when the machine's speed changes, which is
    /// recorded, as training has then followed two schedules.
    private func fixSteps(_ wanted: Int, _ watcher: TrainingWatcher) {
        let before = plan.stepsAreFixed ? plan.steps : nil
        let steps = max(1, min(wanted, plan.mostSteps ?? .max)), fitsEasily = wanted > steps
        guard before != steps else { return }
        (plan.steps, plan.stepsAreFixed) = (steps, true)
        (state.steps, state.stepsAreFixed) = (steps, true)
        state.position.learningRate = state.position.learningRate.following(plan.learningRateSchedule)
        keeper.marked.learningRate = keeper.marked.learningRate.following(plan.learningRateSchedule)
        if let before {
            record(event: RunEvents.stepsChanged, "\(steps) steps instead of \(before) fit into the time limit")
        } else {
            record(
                event: "steps_fixed",
                fitsEasily ? "\(steps) steps, the most that are of use" : "\(steps) steps fit into the time limit")
        }
        watcher.onEvent(.stepsFixed(steps, secondsPerStep: clock.secondsPerStep, areAll: fitsEasily))
    }
}
