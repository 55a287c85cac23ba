import Checkpoints
import Foundation

/// Saving although a store may not take it: later, in a copy of it, in a new one, or under another name.
extension StoredRun {
    enum Urgency {
        /// If it fails it is done later.
        case canWait
        /// If it fails it is done in another store: nothing comes after it.
        case last
        /// All that matters is stored already: if it fails, that is said.
        case remark
    }

    /// How the last attempts to save went.
    struct Attempts {
        /// Why the last one failed; nil if it did not.
        var failure: StoreError?
        /// When one last failed, and when the store was last used, by the clock of the session.
        var lastFailure = 0.0, lastContact = 0.0
        /// Seconds between attempts while they fail: one may have to wait for ten.
        var retryAfter = 30.0

        /// Whether a save is to be tried now, and not left for later since the last one has just failed.
        func areDue(at now: Double) -> Bool { failure == nil || now - lastFailure >= retryAfter }
    }

    /// - Parameter body: stores something; told whether the store has nothing of the run yet.
    /// - Returns: whether it is stored now.
    func attempt(
        _ urgency: Urgency, step: Int, _ watcher: TrainingWatcher, _ body: (_ isFresh: Bool) throws -> Void
    ) throws -> Bool {
        defer {
            store.rest()
            attempts.lastContact = now()
        }
        do {
            try body(false)
            if attempts.failure != nil { watcher.onEvent(.savedAgain(step: step)) }
            attempts.failure = nil
            return true
        } catch let error as StoreError where error.isLossOfRun {
            try keepUnderAnotherName(because: error) { try body(true) }
        } catch let error as StoreError where error.isPassing {
            note(error, step: step, watcher)
            do {
                if error.isLossOfFile {
                    try moveOn(because: error, body)
                    attempts.failure = nil
                    let rescue = rescue ?? Rescue(storePath: store.path, run: run.name, reason: error)
                    watcher.onEvent(.moved(rescue: rescue))
                    return true
                }
                switch urgency {
                case .canWait: return false
                case .remark: try body(false)
                case .last: do { try body(false) } catch { try moveElsewhere(because: error) { try body(true) } }
                }
                attempts.failure = nil
                return true
            } catch {
                if urgency == .canWait { return false }
                throw error
            }
        }
        return false
    }

    private func note(_ error: StoreError, step: Int, _ watcher: TrainingWatcher) {
        attempts.lastFailure = now()
        let isFirst = attempts.failure == nil
        attempts.failure = error
        guard isFirst, !error.isLossOfFile else { return }
        history.events.append(EventRecord(step: step, kind: "not_saved", message: "\(error)"))
        watcher.onEvent(.notSaved(step: step, reason: error))
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
        willLeave(canRead: true)
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
        willLeave(canRead: false)
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
