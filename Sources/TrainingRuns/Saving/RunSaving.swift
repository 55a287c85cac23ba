import Checkpoints
import Foundation

/// Keeps a session's work: in its run, while the store takes it; here, while the store does not; and at the end
/// wherever there is room. Training goes on meanwhile.
final class RunSaving {
    private(set) var run: Run
    private(set) var store: CheckpointStore
    /// Set when the work is no longer where it began.
    private(set) var rescue: Rescue?
    /// Called before the store or the run is left for another, and told whether the run can still be read.
    var willLeave: (_ canRead: Bool) -> Void = { _ in }

    /// What has happened and is not stored yet.
    var history = History()
    /// What comes after this step is being made again, and must not be there twice.
    private var forgetAfter: Int?
    /// Best weights that could not be saved when there were any.
    private var unsavedBest: Checkpoint?
    /// The step of the latest checkpoint that is stored.
    private(set) var storedStep: Int?

    /// Why the last attempt failed; nil if it did not.
    private var failure: StoreError?
    private var lastFailure = ContinuousClock.now
    private var lastContact = ContinuousClock.now
    /// Seconds between attempts while they fail: one may have to wait for ten.
    var retryAfter = 30.0

    init(_ run: Run, in store: CheckpointStore) { (self.run, self.store) = (run, store) }

    /// Training begins at a step.
    func begin(at step: Int) throws(StoreError) {
        defer { store.rest() }
        try store.setStatus(.running, of: run.id)
        try store.forgetHistory(after: step, of: run.id)
    }

    /// Training has gone back.
    func forgetHistory(after step: Int) {
        history.samples.removeAll { $0.step > step }
        history.metrics.removeAll { $0.step > step }
        forgetAfter = min(step, forgetAfter ?? step)
    }

    /// Whether a save is to be tried now, and not left for later since the last one has just failed.
    var isToBeTried: Bool { failure == nil || lastFailure.duration(to: .now) >= .seconds(retryAfter) }

    /// Keeps best weights until a save succeeds.
    func keep(best checkpoint: Checkpoint) { unsavedBest = checkpoint }

    /// Says that this process is there, if it has not for a minute. If that fails, the next save will say why.
    func beat() {
        guard lastContact.duration(to: .now) >= .seconds(60) else { return }
        lastContact = .now
        try? store.beat(run.id)
        store.rest()
    }

    // MARK: Saving

    enum Urgency {
        /// If it fails it is done later.
        case canWait
        /// If it fails it is done in another store: nothing comes after it.
        case last
        /// All that matters is stored already: if it fails, that is said.
        case remark
    }

    /// Saves a checkpoint with the history before it, and best weights that wait for their turn.
    /// - Parameters:
    ///   - isStored: whether its tensors are those of the latest checkpoint: only its state is then replaced.
    ///   - make: called when the store is ready; again when it has become another one.
    /// - Returns: whether it is stored now.
    /// - Throws: ``RunError/runLost(run:savedAs:store:reason:)`` when the run has become somebody else's; the work is
    ///   then kept under another name. `StoreError` when it was the last attempt, and no place was found.
    func save(
        isBest: Bool, isStored: Bool, mayGoBack: Bool, plan: some RunPlan, _ urgency: Urgency, step: Int,
        _ onEvent: (TrainingEvent) -> Void, _ make: () throws -> Checkpoint
    ) throws -> Bool {
        let isDone = try attempt(urgency, step: step, onEvent) { isFresh in
            if let forgetAfter { try store.forgetHistory(after: forgetAfter, of: run.id) }
            if let unsavedBest, !isBest { try store.save(unsavedBest, in: run.id, isBest: true, mayGoBack: true) }
            let checkpoint = try make(), mayGoBack = mayGoBack || unsavedBest != nil
            if isStored, !isFresh, unsavedBest == nil {
                try store.amendLatest(step: step, state: checkpoint.state, of: run.id, with: history)
            } else {
                try store.save(checkpoint, in: run.id, isBest: isBest, with: history, mayGoBack: mayGoBack)
            }
            try store.setConfiguration(plan, of: run.id)
        }
        if isDone { (history, forgetAfter, unsavedBest, storedStep) = (History(), nil, nil, step) }
        return isDone
    }

    /// Stores the rest of the history and how training ended, and gives the run back.
    func end(_ status: Run.Status, step: Int, _ onEvent: (TrainingEvent) -> Void) throws {
        _ = try attempt(.remark, step: step, onEvent) { _ in
            try store.record(history, in: run.id)
            try store.setStatus(status, of: run.id)
        }
        history = History()
    }

    /// - Parameter body: stores something; told whether the store has nothing of the run yet.
    private func attempt(
        _ urgency: Urgency, step: Int, _ onEvent: (TrainingEvent) -> Void, _ body: (_ isFresh: Bool) throws -> Void
    ) throws -> Bool {
        defer {
            store.rest()
            lastContact = .now
        }
        do {
            try body(false)
            if failure != nil { onEvent(.savedAgain(step: step)) }
            failure = nil
            return true
        } catch let error as StoreError where error.isLossOfRun {
            try keepUnderAnotherName(because: error) { try body(true) }
        } catch let error as StoreError where error.isPassing {
            note(error, step: step, onEvent)
            do {
                if error.isLossOfFile {
                    try moveOn(because: error, body)
                    failure = nil
                    onEvent(.moved(rescue: rescue ?? Rescue(storePath: store.path, run: run.name, reason: error)))
                    return true
                }
                switch urgency {
                case .canWait: return false
                case .remark: try body(false)
                case .last: do { try body(false) } catch { try moveElsewhere(because: error) { try body(true) } }
                }
                failure = nil
                return true
            } catch {
                if urgency == .canWait { return false }
                throw error
            }
        }
        return false
    }

    private func note(_ error: StoreError, step: Int, _ onEvent: (TrainingEvent) -> Void) {
        lastFailure = .now
        let isFirst = failure == nil
        failure = error
        guard isFirst else { return }
        guard !error.isLossOfFile else { return }
        history.events.append(EventRecord(step: step, kind: "not_saved", message: "\(error)"))
        onEvent(.notSaved(step: step, reason: error))
    }

    // MARK: Other places

    /// The file is gone: goes on in a copy of it, or in a store that has this run alone.
    private func moveOn(because reason: StoreError, _ body: (_ isFresh: Bool) throws -> Void) throws {
        for path in store.rescuePaths {
            guard let copy = try? store.salvage(to: path) else { continue }
            do {
                let before = (store, run)
                store = copy
                do {
                    try body(false)
                } catch {
                    (store, run) = before
                    throw error
                }
                rescue = Rescue(storePath: path, run: run.name, reason: reason)
                return
            } catch {
                try? copy.close()
                CheckpointStore.discard(path)
            }
        }
        try moveElsewhere(because: reason) { try body(true) }
    }

    /// The store takes nothing: a new one does.
    private func moveElsewhere(because reason: any Error, _ body: () throws -> Void) throws {
        willLeave(true)
        let (oldStore, oldRun) = (store, run)
        for path in store.rescuePaths {
            do {
                store = try CheckpointStore.open(at: path, access: .readWrite)
                run = try store.createRun(like: oldRun, name: oldRun.name)
                try carryOver(oldRun, from: oldStore)
                try body()
                rescue = Rescue(
                    storePath: path, run: run.name,
                    reason: reason as? StoreError ?? .unreadable(path: oldStore.path, reason: "\(reason)"))
                // Whoever closes it need not wait once more, to give back what this process no longer trains.
                oldStore.abandon(oldRun.id)
                return
            } catch {
                if store !== oldStore { try? store.close() }
                // It did not exist before, and is not to stay half made.
                CheckpointStore.discard(path)
                (store, run) = (oldStore, oldRun)
            }
        }
        throw reason
    }

    /// The run is somebody else's: what was done here becomes a run of its own.
    /// - Throws: always: ``RunError/runLost(run:savedAs:store:reason:)``, or why not even that could be done.
    private func keepUnderAnotherName(because reason: StoreError, _ body: () throws -> Void) throws {
        willLeave(false)
        let oldRun = run
        do {
            run = try store.createRun(like: oldRun, name: nil)
            try carryOver(oldRun, from: store)
            try body()
        } catch {
            run = oldRun
            try moveElsewhere(because: reason, body)
        }
        try store.setStatus(.interrupted, of: run.id)
        throw RunError.runLost(run: oldRun.name, savedAs: run.name, store: store.path, reason: reason)
    }

    /// History and best weights up to the last save, as far as they can be read.
    private func carryOver(_ old: Run, from oldStore: CheckpointStore) throws {
        func isOurs(_ step: Int) -> Bool { step <= storedStep ?? 0 }
        let before = History(
            metrics: ((try? oldStore.metrics(of: old.id)) ?? []).filter { isOurs($0.step) },
            samples: ((try? oldStore.samples(of: old.id)) ?? []).filter { isOurs($0.step) },
            events: (try? oldStore.events(of: old.id)) ?? [])
        if unsavedBest == nil, let best = try? oldStore.loadCheckpoint(.best, of: old.id), isOurs(best.step) {
            try store.save(best, in: run.id, isBest: true, with: before)
        } else {
            try store.record(before, in: run.id)
        }
    }
}
