import Checkpoints
import Foundation
import GRDB
import LanguageModels
import TensorCore
import Testing
import TestSupport
import Training
import TrainingRuns

/// What training does when its store does not take what it saves, or somebody does not wait for it.
@Suite struct SavingTests {
    private struct Place {
        let folder: TemporaryFolder
        let store: CheckpointStore
        let corpus: PreparedCorpus
        let plan: LanguageModelPlan

        init(busyTimeout: Double = 0.05) throws {
            folder = try TemporaryFolder()
            store = try CheckpointStore.open(
                at: folder.file("store/jacquard.sqlite"), access: .readWrite,
                options: StoreOptions(busyTimeout: busyTimeout))
            corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
            plan = try smallPlan(corpus, "gru:16") { ($0.sampleEvery, $0.saveEvery, $0.dropout) = (6, 10, 0.2) }
        }

        func session(_ name: String) throws -> LanguageModelTraining {
            let session = try LanguageModelTraining(
                plan: plan, corpus: corpus, store: store, name: name, in: ComputeContext(threads: 1))
            session.secondsBetweenAttempts = 0
            return session
        }

        /// What an undisturbed run leaves.
        func whole() throws -> Remains {
            let session = try session("whole")
            guard case .finished = try session.train() else { throw Unexpected("not finished") }
            return try Remains(session.run.id, in: store)
        }
    }

    private func step(_ event: TrainingEvent) -> Int? {
        if case .progress(let progress) = event { progress.step } else { nil }
    }

    @Test(arguments: [false, true]) func aStoreThatGoesAwayIsReplacedByACopy(isReplaced: Bool) throws {
        let place = try Place(), whole = try place.whole(), session = try place.session("run")
        let path = place.store.path
        let other = Data("somebody else's".utf8)
        var moved: [Rescue] = []
        let outcome = try session.train(onEvent: { event in
            if step(event) == 13 {
                try? FileManager.default.removeItem(atPath: path)
                if isReplaced { try? other.write(to: URL(fileURLWithPath: path)) }
            }
            if case .moved(let rescue) = event { moved.append(rescue) }
        })
        guard case .finished = outcome else { throw Unexpected("\(outcome)") }
        let rescue = try #require(session.rescue)
        #expect(moved == [rescue])
        #expect(rescue.storePath == place.folder.file("store/jacquard-rescued-1.sqlite") && rescue.run == "run")
        #expect(rescue.reason == .moved(path: path, isReplaced: isReplaced))
        try session.close()
        let rescued = try CheckpointStore.open(at: rescue.storePath, access: .readWrite)
        let run = try rescued.run(named: "run")
        #expect(run.status == .finished)
        #expect(try Remains(run.id, in: rescued) == whole)
        // What else the store held is there as well.
        #expect(try Remains(rescued.run(named: "whole").id, in: rescued) == whole)
        try rescued.close()
        #expect((try? Data(contentsOf: URL(fileURLWithPath: path))) == (isReplaced ? other : nil))
        let left = try FileManager.default.contentsOfDirectory(atPath: place.folder.file("store")).sorted()
        #expect(left == ["jacquard-rescued-1.sqlite"] + (isReplaced ? ["jacquard.sqlite"] : []))
    }

    @Test func aStoreThatIsLockedForAWhileGetsEverythingLater() throws {
        let place = try Place(), whole = try place.whole(), session = try place.session("run")
        let holder = try DatabaseQueue(path: place.store.path)
        try holder.inDatabase { database in
            var said: [String] = []
            let outcome = try session.train(onEvent: { event in
                if step(event) == 7 { try? database.execute(sql: "BEGIN IMMEDIATE") }
                if step(event) == 33 { try? database.execute(sql: "ROLLBACK") }
                switch event {
                case .notSaved(_, let reason):
                    said.append("\(reason == .locked(path: place.store.path, seconds: 0.05))")
                case .savedAgain: said.append("again")
                default: break
                }
            })
            guard case .finished = outcome else { throw Unexpected("\(outcome)") }
            // Once, however often it failed.
            #expect(said == ["true", "again"])
        }
        #expect(session.rescue == nil)
        #expect(try Remains(session.run.id, in: place.store) == whole)
        #expect(try place.store.events(of: session.run.id).count { $0.kind == "not_saved" } == 1)
        #expect(try place.store.run(session.run.id).status == .finished)
    }

    /// Best weights cannot be saved when there are any, and come first when that is possible again.
    @Test func aStoreThatStaysLockedHasAnotherBesideIt() throws {
        let place = try Place(), whole = try place.whole(), session = try place.session("run")
        let holder = try DatabaseQueue(path: place.store.path)
        try holder.inDatabase { database in
            _ = try session.train(onEvent: { if step($0) == 17 { try? database.execute(sql: "BEGIN IMMEDIATE") } })
            try database.execute(sql: "ROLLBACK")
        }
        let rescue = try #require(session.rescue)
        #expect(rescue.reason == .locked(path: place.store.path, seconds: 0.05))
        try session.close()
        let rescued = try CheckpointStore.open(at: rescue.storePath, access: .readOnly)
        let run = try rescued.run(named: "run")
        #expect(try rescued.runs().count == 1 && run.status == .finished)
        #expect(try Remains(run.id, in: rescued) == whole)
        try rescued.close()
    }

    @Test(arguments: [false, true]) func aRunThatIsLostIsKeptUnderAnotherName(isRemoved: Bool) throws {
        let place = try Place(), session = try place.session("run"), id = session.run.id
        let error = thrown(RunError.self) {
            _ = try session.train(onEvent: { event in
                guard step(event) == 13 else { return }
                let sql = isRemoved ? "PRAGMA foreign_keys = ON; DELETE FROM run" : "UPDATE owner SET token = 'x'"
                try? DatabaseQueue(path: place.store.path).write { try $0.execute(sql: sql) }
            })
        }
        guard case .runLost(run: "run", savedAs: "run-rescued-1", _, _) = error else {
            throw Unexpected("\(String(describing: error))")
        }
        if !isRemoved { #expect(try place.store.checkpoints(of: id).last?.step ?? 99 <= 13) }
        let kept = try place.store.run(named: "run-rescued-1")
        #expect(kept.status == .interrupted)
        #expect(try place.store.loadCheckpoint(.latest, of: kept.id).step > 13)
        let resumed = try LanguageModelTraining.resume(
            .named(kept.name), store: place.store, in: ComputeContext(threads: 1))
        guard case .finished = try resumed.train() else { throw Unexpected("not finished") }
    }

    @Test func killedBeforeTheFirstSaveARunStartsAgain() throws {
        let place = try Place(), whole = try place.whole()
        let run = try place.session("run").run
        try place.store.giveBack(run.id)
        #expect(try place.store.checkpoints(of: run.id).isEmpty)
        let session = try LanguageModelTraining.resume(
            .named("run"), store: place.store, in: ComputeContext(threads: 2))
        guard case .finished = try session.train() else { throw Unexpected("not finished") }
        #expect(try Remains(run.id, in: place.store) == whole)
    }

    /// Nothing had been saved: another number of steps is another plan, which is said, and the same number is none.
    @Test(arguments: [nil, 40, 44]) func aRunThatStartsAgainSaysWhatHasChanged(steps: Int?) throws {
        let place = try Place(), run = try place.session("run").run
        try place.store.giveBack(run.id)
        let session = try LanguageModelTraining.resume(
            .named("run"), options: ResumeOptions(steps: steps), store: place.store, in: ComputeContext(threads: 1))
        session.stopAfter = 1
        _ = try session.train()
        let changes = try place.store.events(of: run.id).filter { $0.kind == RunEvents.stepsChanged }
        #expect(changes.map(\.message) == (steps == 44 ? ["44 steps instead of 40"] : []))
    }

    /// Besides the validation at the end, after which there is nothing new to save.
    @Test(arguments: [1, 3]) func savesComeAfterAsManyStepsAsWereAskedFor(every: Int) throws {
        let folder = try TemporaryFolder(), store = try folder.store(), time = MadeUpTime()
        time.factor = 0
        func saved(_ session: TrainingSession<TimedTask>) throws -> [Int] {
            session.now = { time.seconds }
            var steps: [Int] = []
            _ = try session.train(onEvent: { if case .saved(let step) = $0 { steps.append(step) } })
            return steps
        }
        let (session, corpus, plan) = try timedSession(folder, store, time, steps: 10, saveEvery: every)
        session.stopAfter = 6
        // Where it stops it is saved, as it is where it was saved already.
        #expect(try saved(session) == (every == 1 ? [1, 2, 3, 4, 5, 6] : [3, 6]))
        let resumed = try TrainingSession<TimedTask>.resume(
            store.run(session.run.id), plan: plan, store: store, in: ComputeContext(threads: 1)
        ) { plan in
            TimedTask(try LanguageModelTask(plan, corpus: corpus, in: ComputeContext(threads: 1)), time)
        }
        #expect(try saved(resumed) == (every == 1 ? [7, 8, 9, 10, 10] : [9, 10, 10]))
    }

    /// After a failure it is tried again when half a minute has passed, and not before. Steps take a second here.
    @Test func aSaveThatFailedIsTriedAgainAfterHalfAMinute() throws {
        let folder = try TemporaryFolder(), time = MadeUpTime()
        time.factor = 10
        let path = folder.file("store.sqlite")
        let store = try CheckpointStore.open(at: path, access: .readWrite, options: StoreOptions(busyTimeout: 0.01))
        let session = try timedSession(folder, store, time, steps: 50, saveEvery: 1).session
        var failed: [Int] = [], again: [Int] = []
        let holder = try DatabaseQueue(path: path)
        try holder.inDatabase { database in
            _ = try session.train(onEvent: { event in
                if case .progress(let progress) = event, progress.step == 5 {
                    try? database.execute(sql: "BEGIN IMMEDIATE")
                }
                if case .notSaved(let step, _) = event {
                    failed.append(step)
                    try? database.execute(sql: "ROLLBACK")
                }
                if case .savedAgain(let step) = event { again.append(step) }
            })
        }
        #expect(failed == [5] && again == [35])
    }

    /// Whoever validates for long says once a minute that it is there, and leaves the store as one file again.
    @Test(arguments: [(59.75, false), (60, true), (100, true)])
    func aLongValidationSaysThatTheRunIsAlive(seconds: Double, isHeard: Bool) throws {
        let folder = try TemporaryFolder(), store = try folder.store(), time = MadeUpTime()
        time.factor = 0
        let (session, _, _) = try timedSession(folder, store, time, steps: 8)
        let longAgo = "2001-01-01T00:00:00.000Z"
        var found: [String?] = []
        _ = try session.train(
            shouldStop: {
                guard time.factor > 0 else { return false }
                time.factor = 0
                found = [
                    try? DatabaseQueue(path: store.path).read {
                        try String.fetchOne($0, sql: "SELECT heartbeat FROM owner")
                    }
                ]
                #expect(!folder.contents.contains { $0.hasSuffix("-wal") || $0.hasSuffix("-shm") })
                return false
            },
            onEvent: { event in
                guard case .validating(8) = event else { return }
                try? DatabaseQueue(path: store.path).write {
                    try $0.execute(sql: "UPDATE owner SET heartbeat = ?", arguments: [longAgo])
                }
                time.factor = seconds / 0.25
            })
        let heartbeat = try #require(found.first ?? nil)
        #expect((heartbeat != longAgo) == isHeard, "\(heartbeat)")
    }

    private func timedSession(
        _ folder: TemporaryFolder, _ store: CheckpointStore, _ time: MadeUpTime, steps: Int, saveEvery: Int? = nil
    ) throws -> (session: TrainingSession<TimedTask>, corpus: PreparedCorpus, plan: LanguageModelPlan) {
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
        let plan = try smallPlan(corpus, "gru:16", steps: steps) {
            ($0.saveEvery, $0.evaluateEvery) = (saveEvery, 1_000_000)
        }
        return (try sessionInMadeUpTime(plan, corpus, store, time), corpus, plan)
    }

    /// A run is lost between two saves, when the state to go back to stands beside the latest in its store, and training
    /// is stopped right then. What comes of it is what would have come of the other one; what that one had stored of its
    /// way is there, if it can be read.
    @Test(arguments: [false, true]) func aRunThatIsLostLosesNothingThatCanBeRead(isRemoved: Bool) throws {
        let place = try Place(), whole = try place.whole(), session = try place.session("run")
        session.stopAfter = 13
        let error = thrown(RunError.self) {
            _ = try session.train(onEvent: { event in
                guard step(event) == 12 else { return }
                let sql = isRemoved ? "PRAGMA foreign_keys = ON; DELETE FROM run" : "UPDATE owner SET token = 'x'"
                try? DatabaseQueue(path: place.store.path).write { try $0.execute(sql: sql) }
            })
        }
        guard case .runLost("run", savedAs: "run-rescued-1", place.store.path, _) = error else {
            throw Unexpected("\(String(describing: error))")
        }
        let kept = try place.store.run(named: "run-rescued-1")
        let resumed = try LanguageModelTraining.resume(
            .named(kept.name), store: place.store, in: ComputeContext(threads: 1))
        guard case .finished = try resumed.train() else { throw Unexpected("not finished") }
        let remains = try Remains(kept.id, in: place.store)
        #expect(remains.weights == whole.weights && remains.bestWeights == whole.bestWeights)
        if isRemoved {
            #expect(remains.metrics == whole.metrics.filter { !$0.contains(" 8 ") })
            #expect(remains.samples == whole.samples.filter { !$0.hasPrefix("6 ") })
        } else {
            #expect(remains.metrics == whole.metrics && remains.samples == whole.samples)
        }
    }

    /// The thread that trains waits within a validation while another one ends the session and saves: both would use the
    /// store at once. A slow machine lets a fault pass, and never makes one.
    @Test func nobodyUsesTheStoreWhileAnotherThreadSaves() throws {
        let place = try Place(), session = try place.session("run")
        let isComputing = DispatchSemaphore(value: 0), mayGoOn = DispatchSemaphore(value: 0)
        let hasGoneOn = DispatchSemaphore(value: 0), isDone = DispatchSemaphore(value: 0)
        nonisolated(unsafe) let shared = session
        nonisolated(unsafe) var waited = false
        Thread {
            isComputing.wait()
            _ = try? shared.breakOff { event in
                guard case .saved = event else { return }
                mayGoOn.signal()
                waited = hasGoneOn.wait(timeout: .now() + 0.3) == .timedOut
            }
            mayGoOn.signal()
            isDone.signal()
        }.start()
        var questions = 0, isInside = false
        _ = try session.train(
            shouldStop: {
                guard isInside else { return false }
                questions += 1
                if questions == 1 {
                    isComputing.signal()
                    mayGoOn.wait()
                } else {
                    hasGoneOn.signal()
                }
                return false
            }, onEvent: { if case .validating = $0 { isInside = true } })
        isDone.wait()
        #expect(questions >= 2 && waited)
    }

    /// The thread that trains is in the middle of something that takes for ever.
    @Test(arguments: [0, 16]) func whatIsBeingComputedIsBrokenOff(step wanted: Int) throws {
        let place = try Place(), whole = try place.whole(), session = try place.session("run")
        let isComputing = DispatchSemaphore(value: 0), isSaved = DispatchSemaphore(value: 0)
        nonisolated(unsafe) let shared = session
        nonisolated(unsafe) var broken: TrainingOutcome?
        let breaker = Thread {
            isComputing.wait()
            broken = try? shared.breakOff { _ in }
            isSaved.signal()
        }
        breaker.start()
        var isInside = false, step = 0
        let outcome = try session.train(
            shouldStop: {
                // Asked between steps, and within validations: there the store is free for others.
                guard isInside else { return false }
                isInside = false
                isComputing.signal()
                isSaved.wait()
                return false
            },
            onEvent: { event in
                if case .validating(let at) = event { (isInside, step) = (at >= wanted, at) }
            })
        guard case .stopped(let at, .interrupted) = outcome, case .stopped(at, .interrupted) = broken else {
            throw Unexpected("\(outcome)")
        }
        #expect(at == step && session.wasBrokenOff)
        #expect(try place.store.run(session.run.id).status == .interrupted)
        #expect(try place.store.loadCheckpoint(.latest, of: session.run.id).step == step)
        let resumed = try LanguageModelTraining.resume(
            .named("run"), store: place.store, in: ComputeContext(threads: 1))
        guard case .finished = try resumed.train() else { throw Unexpected("not finished") }
        #expect(try Remains(session.run.id, in: place.store) == whole)
    }

    @Test func theLastStepIsStoredOnceWhenItIsTheBest() throws {
        let place = try Place(), session = try place.session("run")
        guard case .finished(let result) = try session.train() else { throw Unexpected("not finished") }
        let steps = try place.store.checkpoints(of: session.run.id).map(\.step)
        #expect(result.bestStep == result.steps && Set(steps).count == steps.count, "\(steps)")
    }
}
