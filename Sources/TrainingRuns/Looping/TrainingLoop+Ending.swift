import Autodiff
import Checkpoints
import TensorCore
import Training

/// How training ends, goes back, and what is recorded of it.
extension TrainingLoop {
    func stop(_ reason: TrainingOutcome.StopReason, _ watcher: TrainingWatcher) throws -> TrainingOutcome {
        try leave(.interrupted, event: "stopped", reason.words, watcher)
        return .stopped(step: step, reason: reason)
    }

    /// Keeps the present state for whoever goes on from it.
    func leave(_ status: Run.Status, event kind: String, _ message: String, _ watcher: TrainingWatcher) throws {
        record(event: kind, message)
        try keeper.save(moment, of: plan, as: .last(isBest: false), watcher)
        try keeper.end(status, moment, watcher)
    }

    /// Ends training from another thread, without waiting for the step, validation or score that is being computed: the
    /// state before it is kept. ``train(_:)`` returns the same when that is done.
    /// - Returns: nil if training has ended by itself.
    func breakOff(_ watcher: TrainingWatcher) throws -> TrainingOutcome? {
        try turn.breakOff { try keeper.besideComputing { try stop(.interrupted, watcher) } }
    }

    func finish(endsEarly: Bool, _ watcher: TrainingWatcher) throws -> TrainingOutcome {
        var bestStep = state.position.earlyStopping.bestStep ?? step
        // Without a validation part the last weights are the ones to use.
        let isBest = state.position.earlyStopping.bestStep == nil
        try keeper.save(moment, of: plan, as: .last(isBest: isBest), watcher)
        var score: FinalScore?
        if task.hasValidation {
            var best: TrainingMoment<Task.Cursor>.Sections?
            if bestStep != step {
                best = try keeper.bestSections()
                if best == nil {
                    // They went with the store that had them: the last ones are the best that there are.
                    bestStep = step
                    try keeper.save(moment, of: plan, as: .last(isBest: true), watcher)
                }
            }
            score = try turn.computing {
                try task.score(
                    weights: best, onStart: { watcher.onEvent(.scoring(units: $0)) },
                    shouldStop: {
                        turn.meanwhile(keeper.beat)
                        return watcher.shouldStop()
                    })
            }
            guard let score else {
                record(event: "stopped", "while the best weights were scored")
                try keeper.end(.interrupted, moment, watcher)
                return .stopped(step: step, reason: .interrupted)
            }
            record(metric: Task.finalMetric, score.loss, step: bestStep)
        }
        try checkThatAnythingWasLearned(score, watcher)
        let isCut = step < plan.steps && !endsEarly
        record(
            event: "finished",
            endsEarly ? "validation stopped improving" : isCut ? "the time is over" : "all \(step) steps done")
        try keeper.end(.finished, moment, watcher)
        return .finished(
            TrainingResult(
                steps: step, bestStep: bestStep, score: score, endedEarly: endsEarly, seconds: clock.totalSeconds))
    }

    /// - Throws: ``RunError/worseThanGuessing(run:loss:guessing:trainingLoss:)``, when all is kept.
    private func checkThatAnythingWasLearned(_ score: FinalScore?, _ watcher: TrainingWatcher) throws {
        let trained = state.position.runningLoss.value
        guard let loss = score?.loss ?? trained,
            let limit = state.rollBack.judge.limitMissed(
                by: loss, steps: step, guessing: score == nil ? state.rollBack.judge.guessing : score?.guessing)
        else { return }
        record(event: "worse_than_guessing", "a loss of \(loss), guessing has \(limit)")
        try keeper.end(.failed, moment, watcher)
        throw RunError.worseThanGuessing(
            run: keeper.name, loss: loss, guessing: limit, trainingLoss: score == nil ? nil : trained)
    }

    // MARK: Going back

    /// Goes back to the last good state, to go on from there or to end there.
    /// - Throws: ``RunError/diverged(step:reason:attempts:)`` in the latter case, when all is kept.
    func goBack(_ decision: RollBack.Decision, _ watcher: TrainingWatcher) throws {
        let failedStep = step
        switch decision {
        case .proceed: break
        case .goBack(let failure):
            try restoreMarked()
            let fraction = state.rollBack.rateFraction
            record(
                event: "rolled_back",
                "step \(failedStep): \(failure); back to step \(step), learning rate × \(fraction)")
            watcher.onEvent(.rolledBack(step: failedStep, to: step, reason: "\(failure)", rateFraction: fraction))
        case .giveUp(let failure):
            try restoreMarked()
            try leave(.failed, event: "diverged", "\(failure)", watcher)
            throw RunError.diverged(step: failedStep, reason: "\(failure)", attempts: state.rollBack.count)
        }
    }

    func restoreMarked() throws {
        let sections = try keeper.markedSections()
        for parameter in task.parameters {
            if let tensor = sections[.parameter]?[parameter.name] { parameter.value = tensor }
        }
        optimizer.slots = sections[.optimizer] ?? NamedTensors()
        optimizer.step = keeper.marked.step
        try task.setCompanions(sections)
        state.position = keeper.marked
        task.cursor = state.position.cursor
        keeper.wentBack()
    }

    // MARK: Records

    /// Everything that a checkpoint holds in tensors.
    static func sections(of task: Task, _ optimizer: any UpdateRule) -> TrainingMoment<Task.Cursor>.Sections {
        var sections = task.companions
        sections[.parameter] = NamedTensors(task.parameters.map { ($0.name, $0.value) })
        sections[.optimizer] = optimizer.slots
        return sections
    }

    func record(metric name: String, _ value: Double, step: Int? = nil) {
        let step = step ?? self.step
        keeper.history.metrics.append(
            MetricRecord(
                step: step, epoch: Double(step) / Double(max(1, plan.stepsPerEpoch)), name: name, value: value,
                seconds: clock.totalSeconds))
    }

    func record(event kind: String, _ message: String) {
        keeper.history.events.append(EventRecord(step: step, kind: kind, message: message))
    }

    func recordProgress() {
        for (kind, message) in task.takeEvents() { record(event: kind, message) }
        if let loss = state.position.runningLoss.value { record(metric: "training_loss", loss) }
        record(metric: "learning_rate", state.position.learningRate.rate(at: step) * state.rollBack.rateFraction)
    }

    func progress(rate: Double) -> TrainingProgress {
        TrainingProgress(
            step: step, steps: plan.steps, stepsAreFixed: plan.stepsAreFixed, epoch: epoch,
            trainingLoss: state.position.runningLoss.value ?? .nan, validationLoss: state.position.validationLoss,
            learningRate: rate, unitsPerSecond: clock.unitsPerSecond,
            secondsLeft: plan.stepsAreFixed
                ? Double(plan.steps - step) * clock.wallSecondsPerStep : timeLimit.map { $0 - clock.sessionSeconds },
            seconds: clock.totalSeconds)
    }
}
