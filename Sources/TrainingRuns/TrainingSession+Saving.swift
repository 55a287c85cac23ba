package import Checkpoints
import Foundation
import TensorCore
import Training

/// Saving what a session has done, and ending it.
extension TrainingSession {
    var epoch: Double {
        Double(state.position.step) / Double(max(1, plan.stepsPerEpoch))
    }

    func save(
        isBest: Bool, urgency: RunSaving.Urgency = .canWait, _ onEvent: (TrainingEvent) -> Void
    ) throws {
        state.seconds = clock.totalSeconds
        if urgency == .canWait, !saving.isToBeTried {
            if isBest { saving.keep(best: try checkpoint(withSnapshot: false)) }
            return clock.saved()
        }
        let step = state.position.step, isAtSnapshot = snapshot.position == state.position
        let isStored = stored.map { $0 == (step, isBest || $0.isBest, isAtSnapshot) } ?? false
        let isDone = try saving.save(
            isBest: isBest, isStored: isStored, mayGoBack: hasGoneBack, plan: plan, urgency, step: step, onEvent
        ) { try checkpoint(withSnapshot: true) }
        clock.saved(isDone: isDone)
        guard isDone else {
            if isBest { saving.keep(best: try checkpoint(withSnapshot: false)) }
            return
        }
        stored = (step, isBest || (isStored && stored?.isBest ?? false), isAtSnapshot)
        snapshot.place = .store(isBeside: !isAtSnapshot)
        hasGoneBack = false
        onEvent(.saved(step: step))
    }

    /// - Parameter withSnapshot: whether training can go on from it, back to the same state if need be.
    private func checkpoint(withSnapshot: Bool) throws -> Checkpoint {
        let isAtSnapshot = snapshot.position == state.position || !withSnapshot
        state.snapshot = isAtSnapshot ? nil : snapshot.position
        var sections = Self.sections(of: task, optimizer)
        if !isAtSnapshot {
            var tensors = sections[.state] ?? NamedTensors()
            for (name, tensor) in SnapshotTensors.stored(try snapshotSections()) { tensors[name] = tensor }
            sections[.state] = tensors
        }
        return Checkpoint(
            step: state.position.step, epoch: epoch,
            validationLoss: state.position.validatedStep == state.position.step ? state.position.validationLoss : nil,
            sections: sections, state: try CanonicalJSON.encode(state, what: "the state of training"))
    }

    func stop(_ reason: TrainingOutcome.StopReason, _ onEvent: (TrainingEvent) -> Void) throws
        -> TrainingOutcome
    {
        record(event: "stopped", reason.rawValue)
        try save(isBest: false, urgency: .last, onEvent)
        try saving.end(.interrupted, step: state.position.step, onEvent)
        return .stopped(step: state.position.step, reason: reason)
    }

    func finish(
        endedEarly: Bool, shouldStop: () -> Bool, onEvent: (TrainingEvent) -> Void
    ) throws -> TrainingOutcome {
        let step = state.position.step
        var bestStep = state.position.earlyStopping.bestStep ?? step
        // Without a validation part the last weights are the ones to use.
        try save(isBest: state.position.earlyStopping.bestStep == nil, urgency: .last, onEvent)
        var score: FinalScore?
        if task.hasValidation {
            var best: [Checkpoint.Section: NamedTensors]?
            if bestStep != step {
                best = try bestWeights()
                if best == nil {
                    // They went with the store that had them: the last ones are the best that there are.
                    bestStep = step
                    try save(isBest: true, urgency: .last, onEvent)
                }
            }
            score = try turn.computing {
                try task.score(
                    weights: best, onStart: { onEvent(.scoring(units: $0)) },
                    shouldStop: {
                        turn.meanwhile(saving.beat)
                        return shouldStop()
                    })
            }
            guard let score else {
                record(event: "stopped", "while the best weights were scored")
                try saving.end(.interrupted, step: step, onEvent)
                return .stopped(step: step, reason: .interrupted)
            }
            record(metric: Task.finalMetric, score.loss, step: bestStep)
        }
        try checkThatAnythingWasLearned(score, onEvent)
        let isCut = step < plan.steps && !endedEarly
        record(
            event: "finished",
            endedEarly ? "validation stopped improving" : isCut ? "the time is over" : "all \(step) steps done")
        try saving.end(.finished, step: step, onEvent)
        return .finished(
            TrainingResult(
                steps: step, bestStep: bestStep, score: score, endedEarly: endedEarly, seconds: clock.totalSeconds))
    }

    /// - Throws: ``RunError/worseThanGuessing(run:loss:guessing:trainingLoss:)``, when all is stored.
    private func checkThatAnythingWasLearned(
        _ score: FinalScore?, _ onEvent: (TrainingEvent) -> Void
    ) throws {
        let trained = state.position.runningLoss.value
        guard let loss = score?.loss ?? trained,
            let limit = state.rollBack.judge.limitMissed(
                by: loss, steps: state.position.step,
                guessing: score == nil ? state.rollBack.judge.guessing : score?.guessing)
        else { return }
        record(event: "worse_than_guessing", "a loss of \(loss), guessing has \(limit)")
        try saving.end(.failed, step: state.position.step, onEvent)
        throw RunError.worseThanGuessing(
            run: run.name, loss: loss, guessing: limit, trainingLoss: score == nil ? nil : trained)
    }

    private func bestWeights() throws -> [Checkpoint.Section: NamedTensors]? {
        guard try store.checkpoints(of: run.id).contains(where: \.isBest) else { return nil }
        return try store.loadCheckpoint(.best, of: run.id, sections: [.parameter, .buffer]).sections
    }

    /// The tensors to go back to come into memory before the store that holds them is left; where they cannot be read
    /// the present state takes their place.
    func detachSnapshot(canRead: Bool) {
        stored = nil
        guard case .store = snapshot.place else { return }
        if canRead, let sections = try? snapshotSections() {
            snapshot.place = .memory(sections)
        } else {
            takeSnapshot()
        }
    }

    // MARK: From another thread

    /// Ends training from another thread, without waiting for the step, validation or score that is being computed: the
    /// state before it is saved. ``train(shouldStop:onEvent:)`` returns the same when that is done.
    /// - Parameter onEvent: called on the thread that calls.
    /// - Returns: nil if training has ended by itself.
    package func breakOff(onEvent: (TrainingEvent) -> Void) throws -> TrainingOutcome? {
        try turn.breakOff {
            contextOfBreak = ComputeContext(threads: 1, instructionSet: context.instructionSet)
            defer { contextOfBreak = nil }
            return try stop(.interrupted, onEvent)
        }
    }

    /// Seconds between attempts to save, while they fail.
    package var secondsBetweenAttempts: Double {
        get { saving.retryAfter }
        set { saving.retryAfter = newValue }
    }

    /// Whether ``breakOff(onEvent:)`` has ended the last training.
    package var wasBrokenOff: Bool { turn.wasBrokenOff }

    /// Closes the store that the work is in.
    package func close() throws(StoreError) { try store.close() }
}
