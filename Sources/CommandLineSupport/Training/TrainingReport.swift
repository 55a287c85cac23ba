import Checkpoints
import FileTrees
package import TrainingRuns

/// Training as lines for a person.
package final class TrainingReport {
    private let console: Console
    private let terms: any TrainingTerms
    private let storePath: String
    private let storeArgument: String
    private let start = ContinuousClock.now
    // A small model may be scored, and write, more often than anybody reads.
    private var samplePacing = Pacing(interval: 5, startsAtOnce: true)
    private var validationPacing = Pacing(interval: 0.25, startsAtOnce: true)

    /// - Parameter storeArgument: what to add to a command so that it finds the same store.
    package init(console: Console, terms: any TrainingTerms, storePath: String, storeArgument: String) {
        self.console = console
        self.terms = terms
        self.storePath = storePath
        self.storeArgument = storeArgument
    }

    package func show(_ event: TrainingEvent) {
        switch event {
        case .started(let started):
            let place = started.step == 0 ? "" : ", going on at step \(NumberText.grouped(started.step))"
            console.line("Run       \(started.run.name) in \(storePath)\(place); Ctrl-C saves and stops")
        case .progress(let progress): console.progress { line(progress) }
        case .validating, .saved: break
        case .validated(let report): show(report)
        case .sampled(let step, let text): show(text, step: step)
        case .stepsFixed(let steps, let secondsPerStep, let areAll):
            let rate = NumberText.fixed(secondsPerStep * 1000, secondsPerStep < 0.01 ? 1 : 0)
            let reason = areAll ? "make the best of the data, in less time than there is" : "fit into the time limit"
            console.line("\(NumberText.count(steps, "step")) \(reason), at \(rate) ms each")
        case .rolledBack(let step, let to, let reason, let fraction):
            console.line(
                "Step \(NumberText.grouped(step)): \(reason). Going back to step \(NumberText.grouped(to)), with "
                    + "\(NumberText.exact(fraction)) of the learning rate")
        case .scoring(let units):
            console.line(terms.scoring(units: units))
        case .tookOver(let owner):
            console.line("Taken over: it was being trained by \(owner), which is gone")
        case .notSaved(let step, let reason):
            console.line(
                "Step \(NumberText.grouped(step)) is not saved: \(reason) Training goes on, and saving is tried again")
        case .savedAgain(let step):
            console.line("Step \(NumberText.grouped(step)) is saved")
        case .moved(let rescue):
            console.line("\(rescue.reason) Training goes on; saved as run '\(rescue.run)' in \(rescue.storePath)")
        }
    }

    /// - Parameters:
    ///   - best: step and loss of the best validation so far, for a run that is to go on.
    ///   - rescue: where the work is, if not where it was to be.
    package func show(
        _ outcome: TrainingOutcome, run: String, best: (step: Int, loss: Double)?, rescue: Rescue? = nil
    ) {
        let name = ShellText.quoted(run), storePath = rescue?.storePath ?? self.storePath
        let storeArgument = rescue.map { " --store \(ShellText.quoted($0.storePath))" } ?? self.storeArgument
        switch outcome {
        case .finished(let result):
            let reason = result.endedEarly ? "Validation stopped improving" : "Finished"
            console.line(
                "\(reason) after \(NumberText.count(result.steps, "step")), \(TimeSpan(seconds: result.seconds))")
            if let score = result.score {
                console.line("Best validation \(terms.result(score, bestStep: result.bestStep))")
            }
            console.line("Stored as run '\(run)' in \(storePath)")
        case .stopped(let step, let reason):
            let why =
                switch reason {
                case .interrupted: "Interrupted"
                case .stopAfter: "Stopped as asked"
                case .timeLimit: "The time is over"
                }
            console.line("\(why): saved run '\(run)' after step \(NumberText.grouped(step)) in \(storePath)")
            if let best {
                console.line(
                    "Best validation so far \(terms.long(best.loss)), at step \(NumberText.grouped(best.step))")
            }
        }
        if let rescue { console.line("Error: not in \(self.storePath), as it was to be: \(rescue.reason)") }
        switch outcome {
        case .finished: console.line("Next:     \(terms.program) \(terms.next(run: name))\(storeArgument)")
        case .stopped:
            console.line("To go on: \(terms.program) \(terms.resume(run: name))\(storeArgument)")
            if let note = terms.resumeNote { console.line("          \(note)") }
        }
    }

    package func json(
        _ outcome: TrainingOutcome, run: String, best: (step: Int, loss: Double)?, rescue: Rescue? = nil
    ) -> JSONValue {
        let storePath = rescue?.storePath ?? self.storePath
        switch outcome {
        case .finished(let result):
            var keys: [String: JSONValue] = [
                "run": .string(run), "status": "finished", "steps": .int(result.steps),
                "best_step": .int(result.bestStep), "seconds": .number(result.seconds),
                terms.finalMetric: JSONValue(result.score?.loss),
                "ended_early": .bool(result.endedEarly), "store": .string(storePath),
            ]
            if let score = result.score { keys.merge(terms.json(score)) { $1 } }
            return .object(keys)
        case .stopped(let step, let reason):
            return [
                "run": .string(run), "status": "interrupted", "steps": .int(step), "reason": .string(reason.rawValue),
                "store": .string(storePath), "best_step": JSONValue(best?.step),
                "best_validation_so_far": JSONValue(best?.loss),
            ]
        }
    }

    // MARK: Lines

    /// Seconds since the training began.
    private var elapsed: Double { (ContinuousClock.now - start) / .seconds(1) }

    private func line(_ progress: TrainingProgress) -> String {
        var parts = ["epoch \(NumberText.fixed(progress.epoch, 2))"]
        parts.append("train \(NumberText.fixed(progress.trainingLoss, terms.digits))")
        if let loss = progress.validationLoss { parts.append("val \(terms.short(loss))") }
        parts.append("\(NumberText.short(progress.unitsPerSecond)) \(terms.rateUnit)/s")
        if let left = progress.secondsLeft { parts.append("\(TimeSpan(seconds: max(0, left))) left") }
        // Before a time limit has fixed them nobody knows how many there will be.
        let steps = progress.stepsAreFixed ? "/\(NumberText.grouped(progress.steps))" : ""
        parts.append("step \(NumberText.grouped(progress.step))\(steps)")
        return console.fitting(parts)
    }

    private func show(_ report: ValidationReport) {
        guard validationPacing.isDue(at: elapsed) else { return }
        let mark = report.isBest ? "  best" : ""
        console.line(
            "step \(NumberText.grouped(report.step))  epoch \(NumberText.fixed(report.epoch, 2))  "
                + "train \(NumberText.fixed(report.trainingLoss, terms.digits + 1))  "
                + "validation \(terms.long(report.validationLoss))  "
                + "\(TimeSpan(seconds: report.seconds))\(mark)")
    }

    private func show(_ text: String, step: Int) {
        guard samplePacing.isDue(at: elapsed) else { return }
        console.line("sample at step \(NumberText.grouped(step)):")
        for line in text.unicodeScalars.split(separator: "\n") { console.line("  | \(String(line))") }
    }
}
