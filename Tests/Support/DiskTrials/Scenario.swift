import Checkpoints
import Foundation
import GRDB
import TensorCore

/// Something that a user has done with stores on a disk, as calls one after the other.
struct Scenario: Sendable {
    let name: String
    /// What is on the disk before, durably.
    let prepare: @Sendable (Disk) throws -> Void
    /// What is done. `isDone` is called after each call that has promised something by returning.
    let act: @Sendable (Disk, _ isDone: () -> Void) throws -> Void
    /// What is done afterwards, whatever happened meanwhile: the same commands again, as a user would give them.
    let follow: @Sendable (Disk) throws -> Void
}

extension Scenario {
    static let all = [create, save, export, replace, replaceKilled, remove, migrate, repair, texts, train]

    static func named(_ name: String) throws -> Scenario {
        guard let found = all.first(where: { $0.name == name }) else {
            throw Problem("no scenario \(name): there are " + all.map(\.name).joined(separator: ", "))
        }
        return found
    }

    // MARK: Pieces

    /// Seconds that anybody waits for a lock: whoever has it acts in the same thread, and will not give way.
    private static let options = StoreOptions(busyTimeout: Trial.patience)

    @Sendable private static func path(_ disk: Disk, _ name: String = "jacquard.sqlite") -> String {
        disk.file("models/\(name)")
    }

    private static func open(_ disk: Disk, _ name: String = "jacquard.sqlite") throws -> CheckpointStore {
        let options = StoreOptions(busyTimeout: Trial.patience)
        return try CheckpointStore.open(at: path(disk, name), access: .readWrite, options: options)
    }

    private static func description(_ name: String) -> RunDescription {
        RunDescription(
            name: name, baseName: "trial", kind: "charnn", configuration: ["seed": 1], corpus: ["paths": ["a/b.txt"]])
    }

    /// A checkpoint whose numbers are made from its step: a kilobyte, and 24 of optimizer slots.
    static func checkpoint(step: Int) -> Checkpoint {
        func tensor(_ count: Int, _ salt: Int) -> Tensor {
            var dice = Dice(seed: UInt64(step * 100 + salt))
            return Tensor((0..<count).map { _ in Float(dice.below(1 << 20)) / 1024 }, shape: [count])
        }
        return Checkpoint(
            step: step, epoch: Double(step) / 8, validationLoss: 9 - Double(step) / 10,
            sections: [
                .parameter: NamedTensors([
                    (name: "weight", tensor: tensor(250, 1)), (name: "bias", tensor: tensor(7, 2)),
                ]),
                .optimizer: NamedTensors([(name: "adam.m.weight", tensor: tensor(6000, 3))]),
            ])
    }

    private static func history(_ step: Int) -> History {
        History(
            metrics: [MetricRecord(step: step, epoch: 1, name: "training_loss", value: 1 / Double(step), seconds: 1)],
            samples: [SampleRecord(step: step, temperature: 1, seed: 4, text: "sample \(step)")],
            events: [EventRecord(step: step, kind: "seen", message: "step \(step)")])
    }

    private static func saves(_ steps: ClosedRange<Int>, _ run: Run, _ store: CheckpointStore, _ isDone: () -> Void)
        throws
    {
        for step in steps {
            try store.save(checkpoint(step: step), in: run.id, isBest: step % 2 == 1, with: history(step))
            isDone()
            store.rest()
            isDone()
        }
    }

    /// A store of finished runs, closed.
    private static func makeStore(_ disk: Disk, _ name: String = "jacquard.sqlite", runs: [String] = ["run"]) throws {
        let store = try open(disk, name)
        for name in runs {
            let run = try store.createRun(description(name))
            try saves(1...2, run, store, {})
            try store.saveCodes([StoredCode(name: "a.png", label: nil, step: 2, values: [1, 2])], of: run.id)
            try store.setStatus(.finished, of: run.id)
        }
        _ = try store.createText(title: "t", text: String(repeating: "word ", count: 4000), settings: Data("{}".utf8))
        try store.close()
    }

    /// Trains the run on, or begins it; afterwards the store is one file.
    @Sendable private static func goOn(_ disk: Disk) throws {
        let store = try open(disk)
        defer { try? store.close() }
        let run = try store.runs().first { $0.name == "run" } ?? store.createRun(description("run"))
        let latest = try store.checkpoints(of: run.id).last?.step ?? 0
        try saves(latest + 1...latest + 1, run, store, {})
        try store.setStatus(.finished, of: run.id)
        guard try store.loadCheckpoint(.latest, of: run.id).step == latest + 1 else { throw Problem("not saved") }
        try store.close()
        try requireOneFile(disk, "jacquard.sqlite")
    }

    private static func requireOneFile(_ disk: Disk, _ store: String) throws {
        let left = disk.files.filter { $0.hasPrefix("models/\(store)-") }
        guard left.isEmpty else { throw Problem("left beside the store: \(left)") }
    }

    // MARK: Scenarios

    private static let create = Scenario(
        name: "create", prepare: { _ in },
        act: { disk, isDone in
            let store = try open(disk)
            defer { try? store.close() }
            let run = try store.createRun(description("run"))
            isDone()
            try saves(1...2, run, store, isDone)
            try store.setStatus(.finished, of: run.id)
            isDone()
            try store.close()
        }, follow: goOn)

    private static let save = Scenario(
        name: "save", prepare: { try makeStore($0) },
        act: { disk, isDone in
            let store = try open(disk)
            defer { try? store.close() }
            let run = try store.run(named: "run")
            try store.setStatus(.running, of: run.id)
            isDone()
            try store.forgetHistory(after: 1, of: run.id)
            isDone()
            try saves(3...5, run, store, isDone)
            try store.amendLatest(step: 5, state: Data(#"{"changed":1}"#.utf8), of: run.id, with: history(6))
            isDone()
            try store.setStatus(.interrupted, of: run.id)
            isDone()
            try store.close()
        }, follow: goOn)

    /// Twice: to a new file, and over it.
    private static let export = Scenario(
        name: "export",
        prepare: { disk in
            try makeStore(disk, runs: ["run", "other"])
        },
        act: { disk, isDone in
            let store = try CheckpointStore.open(at: path(disk), access: .readOnly, options: options)
            defer { try? store.close() }
            try store.export(store.run(named: "run").id, to: path(disk, "copy.sqlite"))
            isDone()
            try store.export(store.run(named: "other").id, to: path(disk, "copy.sqlite"), overwrite: true)
            isDone()
            try store.close()
        }, follow: exportOver)

    @Sendable private static func exportOver(_ disk: Disk) throws {
        let store = try CheckpointStore.open(at: path(disk), access: .readOnly, options: options)
        defer { try? store.close() }
        try store.export(store.run(named: "run").id, to: path(disk, "copy.sqlite"), overwrite: true)
        try store.close()
        try requireOneFile(disk, "copy.sqlite")
        let copy = try CheckpointStore.open(at: path(disk, "copy.sqlite"), access: .readOnly, options: options)
        defer { try? copy.close() }
        let names = try copy.runs().map(\.name)
        guard names == ["run"] else { throw Problem("the copy holds \(names)") }
        try copy.close()
    }

    /// Another store is where the export goes.
    private static let replace = Scenario(
        name: "replace",
        prepare: { disk in
            try makeStore(disk)
            try makeStore(disk, "copy.sqlite", runs: ["old"])
        },
        act: { disk, isDone in
            try exportOver(disk)
            isDone()
        }, follow: exportOver)

    /// The store that is replaced has a log: its process was killed.
    private static let replaceKilled = Scenario(
        name: "replace-killed",
        prepare: { disk in
            try makeStore(disk)
            try makeStore(disk, "old.sqlite", runs: ["old"])
            let queue = try DatabaseQueue(path: path(disk, "old.sqlite"))
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA journal_mode = WAL")
                try database.execute(sql: "UPDATE run SET status = 'failed'")
            }
            for ending in ["", "-wal", "-shm"] {
                try FileManager.default.copyItem(
                    atPath: path(disk, "old.sqlite" + ending), toPath: path(disk, "copy.sqlite" + ending))
            }
            try queue.close()
            try FileManager.default.removeItem(atPath: path(disk, "old.sqlite"))
        },
        act: { disk, isDone in
            try exportOver(disk)
            isDone()
        }, follow: exportOver)

    private static let remove = Scenario(
        name: "remove", prepare: { try makeStore($0, runs: ["run", "old", "older"]) },
        act: { disk, isDone in
            let store = try open(disk)
            defer { try? store.close() }
            try store.remove(store.run(named: "old").id)
            isDone()
            try store.remove(store.runs().filter { $0.name == "older" }.map(\.id))
            isDone()
            try store.rename(store.run(named: "run").id, to: "renamed")
            isDone()
            try store.rename(store.run(named: "renamed").id, to: "run")
            isDone()
            try store.close()
        }, follow: goOn)

    /// A store as the program made it before there were checksums, owners and texts.
    private static let migrate = Scenario(
        name: "migrate",
        prepare: { disk in
            try makeStore(disk)
            let queue = try DatabaseQueue(path: path(disk))
            try queue.writeWithoutTransaction { database in
                try database.execute(
                    sql: """
                        ALTER TABLE run DROP COLUMN configuration_crc32; ALTER TABLE run DROP COLUMN corpus_crc32;
                        ALTER TABLE checkpoint DROP COLUMN state_crc32; ALTER TABLE tensor DROP COLUMN crc32;
                        ALTER TABLE code DROP COLUMN crc32; DROP TABLE owner; DROP TABLE text;
                        DELETE FROM grdb_migrations WHERE rowid > 2; PRAGMA user_version = 2
                        """)
            }
            try queue.close()
        },
        act: { disk, isDone in
            let store = try open(disk)
            isDone()
            try store.close()
        }, follow: goOn)

    private static let repair = Scenario(
        name: "repair",
        prepare: { disk in
            try makeStore(disk, runs: ["run", "hurt"])
            let queue = try DatabaseQueue(path: path(disk))
            try queue.writeWithoutTransaction { database in
                try database.execute(
                    sql: """
                        UPDATE tensor SET data = zeroblob(28) WHERE name = 'bias' AND checkpoint_id IN
                            (SELECT id FROM checkpoint WHERE is_latest AND run_id = 2)
                        """)
            }
            try queue.close()
            // A damaged store is not read by the trial.
            rename(path(disk), path(disk, "hurt"))
        },
        act: { disk, isDone in
            let report = try CheckpointStore.repair(path(disk, "hurt"), into: path(disk))
            if let loss = report.losses.first(where: { $0.contains("cannot be read") }) {
                // It was said, and is not kept: another attempt may read what this one could not.
                unlink(path(disk))
                throw StoreError.corrupt(path: path(disk), detail: loss)
            }
            guard report.runs.map(\.steps) == [[1, 2], [1]] else { throw Problem("repaired: \(report)") }
            isDone()
        },
        follow: { disk in
            if !FileManager.default.fileExists(atPath: path(disk)) {
                _ = try CheckpointStore.repair(path(disk, "hurt"), into: path(disk))
            }
            try goOn(disk)
        })

    private static let texts = Scenario(
        name: "texts", prepare: { try makeStore($0) },
        act: { disk, isDone in
            let store = try open(disk)
            defer { try? store.close() }
            let settings = Data("{}".utf8)
            let text = try store.createText(title: "new", text: "first\0", settings: settings)
            isDone()
            _ = try store.updateText(
                text.summary.id, revision: 1, title: "new", text: String(repeating: "long ", count: 5000),
                settings: settings)
            isDone()
            guard let old = try store.texts().last else { throw Problem("no text") }
            try store.removeText(old.id)
            isDone()
            try store.close()
        }, follow: goOn)
}
