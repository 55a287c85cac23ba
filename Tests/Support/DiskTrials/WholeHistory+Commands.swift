import Checkpoints
import Foundation
import LanguageModels
import TensorCore
import TrainingRuns

/// What the processes do, as the commands do it.
extension WholeHistory {
    private func openStore(_ access: CheckpointStore.Access = .readWrite) throws -> CheckpointStore {
        try CheckpointStore.open(at: storePath, access: access, options: StoreOptions(busyTimeout: Trial.patience))
    }

    private func begunOrResumed(
        _ name: String, in store: CheckpointStore
    ) throws -> (session: LanguageModelTraining, wasThere: Bool) {
        let isThere = try store.runs().contains { $0.name == name }
        return (
            isThere
                ? try TinyTraining.resume(name, in: store)
                : try TinyTraining.begin(name, seed: Self.seed(of: name), in: store), isThere
        )
    }

    /// - Parameter others: what happens after a step, while the store is at rest.
    func train(_ name: String, stopAfter: Int?, others: [Int: () throws -> Void] = [:]) throws {
        let store = try openStore()
        defer { try? store.close() }
        let (session, isThere) = try begunOrResumed(name, in: store)
        if !isThere { promise(name, nil, ["killed"]) }
        session.stopAfter = stopAfter
        var problem: (any Error)?
        let outcome = try session.train(onEvent: { event in
            switch event {
            case .saved(let step) where session.rescue == nil: self.promise(name, step, ["killed"])
            case .progress(let progress):
                guard let other = others[progress.step], problem == nil else { return }
                do { try other() } catch { problem = error }
            default: break
            }
        })
        if let problem { throw problem }
        if let rescue = session.rescue { return try look(at: rescue, of: session) }
        switch outcome {
        case .finished: promise(name, TinyTraining.steps, ["finished"])
        case .stopped(let step, _): promise(name, step, ["interrupted"])
        }
        try session.close()
    }

    private func promise(_ name: String, _ step: Int?, _ states: Set<String>) {
        runs[name] = Known(step: step ?? runs[name]?.step, states: states)
    }

    /// The work is elsewhere: there it has to be whole. It stays behind there; the run goes on from what its own store has.
    private func look(at rescue: Rescue, of session: LanguageModelTraining) throws {
        trial.count("rescues")
        log.append("  kept in another store: \(rescue.run)")
        try session.close()
        Disk.isPaused = true
        defer { Disk.isPaused = false }
        try Undisturbed.check(rescue.storePath, names: [rescue.run])
        guard try Contents.store(rescue.storePath).contains(" latest") else {
            throw Problem("the rescued run has nothing")
        }
        for ending in ["", "-wal", "-shm"] { unlink(rescue.storePath + ending) }
    }

    func export(_ name: String, to target: String, overwrites: Bool) throws {
        let store = try openStore(.readOnly)
        defer { try? store.close() }
        try store.export(
            store.run(named: name).id, to: Self.disk.file("\(target).sqlite"), overwrite: overwrites)
        try store.close()
        Disk.isPaused = true
        defer { Disk.isPaused = false }
        exports[target] = try Contents.store(Self.disk.file("\(target).sqlite"))
        // A run without a checkpoint can be exported, and has nothing to be checked.
        try Undisturbed.check(Self.disk.file("\(target).sqlite"), names: [name])
    }

    func remove(_ name: String) throws {
        let store = try openStore()
        defer { try? store.close() }
        try store.remove(store.run(named: name).id)
        runs[name] = nil
        try store.close()
    }

    /// - Parameter training: the run that somebody trains just now.
    func read(training: String? = nil) throws {
        let store = try openStore(.readOnly)
        defer { try? store.close() }
        for run in try store.runs() {
            let state = try store.state(of: run).word
            guard (state == "running") == (run.name == training) else { throw Problem("\(run.name) is \(state)") }
            if try store.checkpoints(of: run.id).contains(where: \.isLatest) {
                _ = try store.loadCheckpoint(.latest, of: run.id)
            }
        }
        try store.close()
    }

    // MARK: Misfortunes

    /// Bytes of the store change while nobody uses it. Whatever is read then is what was stored, or an error; what is
    /// repaired is what was stored. Afterwards a copy takes its place.
    func damage() throws {
        guard FileManager.default.fileExists(atPath: storePath) else { return }
        Disk.unwatch()
        defer { begin() }
        try Self.copy.become(copying: Self.disk)
        let path = Self.copy.file(Self.store), repaired = Self.copy.file("repaired.sqlite")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        guard bytes.count > 8192 else { return }
        let count = 1 + dice.below(8), offset = dice.below(bytes.count - count)
        for index in offset..<offset + count { bytes[index] ^= UInt8(1 + dice.below(255)) }
        try bytes.write(to: URL(fileURLWithPath: path))
        log.append("\(count) bytes at \(offset) of \(bytes.count) are damaged")
        trial.count("damaged bytes")
        try requireAnswer { try Undisturbed.check(path, isDamaged: true) }
        try requireAnswer {
            let report = try CheckpointStore.repair(path, into: repaired)
            try Undisturbed.check(repaired, isDamaged: true)
            if report.losses.isEmpty, Set(report.runs.map(\.name)) != Set(runs.keys) {
                // A name has no checksum, and may be another one by now.
                guard report.runs.count == runs.count else { throw Problem("lost without a word: \(report)") }
            }
        }
    }

    private func requireAnswer(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch StoreError.database(_, let code, let message, _) {
            throw Problem("a number of SQLite's is no answer: \(code), \(message)")
        } catch is StoreError {
            return
        } catch is RunError {
            return
        }
    }

    /// Somebody deletes the store, or puts another file in its place, in the middle of training: it goes on beside it.
    func loseStoreInTraining() throws {
        let name = dice.one(of: Self.names), step = 1 + dice.below(TinyTraining.steps), isReplaced = dice.happens(50)
        guard runs[name]?.states != ["finished"], runs[name]?.step ?? 0 < step else { return }
        log.append("after step \(step) of \(name) the store is \(isReplaced ? "replaced" : "deleted")")
        trial.count("stores lost")
        Disk.plan()
        let store = try openStore(), other = Data("somebody else's".utf8)
        defer { try? store.close() }
        let session = try begunOrResumed(name, in: store).session
        _ = try session.train(onEvent: { event in
            guard case .progress(let progress) = event, progress.step == step else { return }
            unlink(self.storePath)
            if isReplaced { try? other.write(to: URL(fileURLWithPath: self.storePath)) }
        })
        guard let rescue = session.rescue, case .moved = rescue.reason else { throw Problem("nobody noticed") }
        try session.close()
        if isReplaced {
            guard try Data(contentsOf: URL(fileURLWithPath: storePath)) == other else { throw Problem("overwritten") }
            unlink(storePath)
        }
        // The user puts it back.
        Foundation.rename(rescue.storePath, storePath)
        Disk.synchronize(Self.disk.file("models"))
        let isThereStill = Set(runs.keys)
        runs[name] = Known(step: TinyTraining.steps, states: ["finished"])
        try settle(.nothing, didReturn: true)
        guard isThereStill.isSubset(of: Set(runs.keys)) else { throw Problem("runs were lost with the store") }
    }

    static func seed(of name: String) -> UInt64 { UInt64(1 + (names.firstIndex(of: name) ?? 0)) }
}
