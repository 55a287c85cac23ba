import Checkpoints
import Foundation
import GRDB
import TensorCore
import Testing
import TestSupport

@Suite struct ProcessTests {
    /// Every number of a checkpoint of `StoreStressTool` is its step.
    private func verify(_ checkpoint: Checkpoint) {
        for section in [Checkpoint.Section.parameter, .optimizer] {
            let tensors = checkpoint.sections[section] ?? NamedTensors()
            #expect(tensors.names == ["first", "second"])
            for (_, tensor) in tensors {
                #expect(tensor.values.allSatisfy { $0 == Float(checkpoint.step) })
            }
        }
    }

    @Test func aClosedStoreIsOneFile() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description())
        try store.save(checkpoint(step: 1, shape: [100, 100]), in: run.id, isBest: true)
        // Everything is in the store at once; what is beside it is empty.
        #expect(try folder.size("jacquard.sqlite-wal") == 0)
        let reader = try CheckpointStore.open(at: folder.store, access: .readOnly)
        #expect(try reader.runs().count == 1)
        try store.close()
        try reader.close()
        #expect(folder.contents == ["jacquard.sqlite"])
        let second = try CheckpointStore.open(at: folder.store, access: .readOnly)
        #expect(try second.loadCheckpoint(.best, of: run.id).step == 1)
        try second.close()
        #expect(folder.contents == ["jacquard.sqlite"])
        try second.close()
        #expect(throws: StoreError.closed(path: folder.store)) { try second.runs() }
    }

    @Test(arguments: [
        ("INSERT INTO checkpoint", 1, 3), ("INSERT INTO tensor", 1, 3), ("INSERT INTO tensor", 4, 3),
        ("COMMIT", 1, 3),
        // The first statement after the transaction: now the new one is there.
        ("PRAGMA busy_timeout", 1, 4),
    ])
    func aProcessKilledWhileItSaves(statement: String, occurrence: Int, survivor: Int) throws {
        let folder = try TemporaryFolder()
        let first = try Tool("save", folder.store, "run", "3").wait()
        #expect(first.output == "saved 3" && first.status == 0)
        let killed = try Tool("die", folder.store, "run", statement, "\(occurrence)").wait()
        #expect(killed.status == -9 && killed.output == "")

        let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
        let run = try store.run(named: "run")
        let latest = try store.loadCheckpoint(.latest, of: run.id)
        #expect(latest.step == survivor)
        verify(latest)
        verify(try store.loadCheckpoint(.best, of: run.id))
        try store.close()
        #expect(folder.contents == ["jacquard.sqlite"])
        let check = try DatabaseQueue(path: folder.store).read {
            try String.fetchAll($0, sql: "PRAGMA integrity_check")
        }
        #expect(check == ["ok"])
        // And training can go on.
        #expect(try Tool("save", folder.store, "run", "1").wait().output == "saved 1")
    }

    @Test func threeProcessesTrainIntoOneNewStore() throws {
        let folder = try TemporaryFolder()
        let tools = try ["one", "two", "three"].map { try Tool("save", folder.store, $0, "9") }
        for tool in tools {
            let result = tool.wait()
            #expect(result.output == "saved 9")
            #expect(result.status == 0)
        }
        #expect(folder.contents == ["jacquard.sqlite"])
        let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
        #expect(try Set(store.runs().map(\.name)) == ["one", "two", "three"])
        for run in try store.runs() {
            #expect(try store.checkpoints(of: run.id).map(\.step) == [1, 8, 9])
            #expect(try store.metrics(of: run.id).map(\.step) == Array(1...9))
            for selection in [CheckpointSelection.best, .latest] {
                verify(try store.loadCheckpoint(selection, of: run.id))
            }
        }
        try store.close()
    }

    /// Each has to find the file missing, half made, or made by another one.
    @Test(arguments: 1...8)
    func fiveProcessesCreateOneStore(round: Int) throws {
        let folder = try TemporaryFolder()
        let names = ["a", "b", "c", "d", "e"]
        let tools = try names.map { try Tool("save", folder.store, $0, "1") }
        #expect(tools.map { $0.wait().output } == names.map { _ in "saved 1" })
        let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
        #expect(try store.runs().map(\.name).sorted() == names)
        try store.close()
    }

    @Test func readingGoesOnWhileAnotherProcessTrains() throws {
        let folder = try TemporaryFolder()
        #expect(try Tool("save", folder.store, "run", "2").wait().output == "saved 2")
        let trainer = try Tool("save", folder.store, "another", "30")
        for _ in 0..<20 {
            let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
            for run in try store.runs() where try !store.checkpoints(of: run.id).isEmpty {
                verify(try store.loadCheckpoint(.latest, of: run.id))
            }
            try store.close()
        }
        let result = trainer.wait()
        #expect(result.output == "saved 30" && result.status == 0)
        #expect(folder.contents == ["jacquard.sqlite"])
    }

    /// Without locks of its own, while stores are opened, written and closed beside it.
    @Test func readingWithoutRightsToWriteGoesOnBesideTraining() throws {
        let folder = try TemporaryFolder(), place = folder.file("shared"), path = place + "/jacquard.sqlite"
        #expect(try Tool("save", path, "run", "2").wait().output == "saved 2")
        chmod(folder.path, 0o755)
        chmod(place, 0o755)
        let readers = try (0..<2).map { _ in try Tool("read-often-as-nobody", path) }
        for round in 1...12 {
            #expect(try Tool("save", path, "run \(round % 3)", "2").wait().output.hasPrefix("saved"))
        }
        for reader in readers { #expect(reader.wait().output == "read often") }
    }

    @Test func aLockedStoreIsNamed() throws {
        let folder = try TemporaryFolder()
        #expect(try Tool("save", folder.store, "run", "2").wait().status == 0)
        let holder = try Tool("hold", folder.store)
        #expect(holder.readSome() == "holding\n")
        let options = StoreOptions(busyTimeout: 0.1)
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite, options: options)
        let run = try store.run(named: "run")
        let error = try storeError { try store.save(checkpoint(step: 3), in: run.id, isBest: false) }
        #expect(error == .locked(path: folder.store, seconds: 0.1))
        #expect("\(error)".contains("\(folder.store) is locked by another program"))
        // Reading is not held up.
        #expect(try store.loadCheckpoint(.latest, of: run.id).step == 2)
        #expect(holder.wait().output == "released")
        try store.save(checkpoint(step: 3), in: run.id, isBest: false)
        try store.close()
    }

    @Test func aReaderInTheMiddleDoesNotHoldUpTraining() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description())
        try store.save(checkpoint(step: 1), in: run.id, isBest: true)
        let reader = try DatabaseQueue(path: folder.store)
        try reader.inDatabase { database in
            try database.execute(sql: "BEGIN")
            let before = try Int.fetchOne(database, sql: "SELECT max(step) FROM checkpoint")
            try store.save(checkpoint(step: 2), in: run.id, isBest: false)
            #expect(try store.loadCheckpoint(.latest, of: run.id).step == 2)
            let during = try Int.fetchOne(database, sql: "SELECT max(step) FROM checkpoint")
            try database.execute(sql: "COMMIT")
            let after = try Int.fetchOne(database, sql: "SELECT max(step) FROM checkpoint")
            #expect([before, during, after] == [1, 1, 2])
        }
        try reader.close()
        try store.close()
        #expect(folder.contents == ["jacquard.sqlite"])
    }

    /// A process that may not write: with a superuser's rights given up if need be.
    @Test func aFolderThatCannotBeWrittenToIsRead() throws {
        let folder = try TemporaryFolder()
        let place = folder.file("a folder?#100%/of tapes")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let path = place + "/jacquard.sqlite"
        #expect(try Tool("save", path, "run", "2").wait().status == 0)
        func setMode(_ mode: Int, _ path: String) throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        try setMode(0o444, path)
        try setMode(0o555, place)
        let read = try Tool("read-as-nobody", path).wait()
        #expect(read.output == "run@2" && read.status == 0)
        let written = try Tool("write-as-nobody", path).wait()
        #expect(written.output.contains("cannot write to \(path)") && written.output.contains("is read-only"))
        #expect(written.status == 1)
        try setMode(0o755, place)
        try setMode(0o644, path)
        #expect(try Tool("die", path, "run", "PRAGMA busy_timeout", "1").wait().status == -9)
        try setMode(0o444, path)
        try setMode(0o444, path + "-wal")
        try setMode(0o444, path + "-shm")
        try setMode(0o555, place)
        // The last checkpoint is still in the log.
        #expect(try Tool("read-as-nobody", path).wait().output == "run@3")
        try setMode(0o755, place)
        try FileManager.default.removeItem(atPath: path + "-shm")
        try setMode(0o555, place)
        #expect(try Tool("read-as-nobody", path).wait().output.contains("was not closed"))
        try setMode(0o755, place)
        try setMode(0o644, path)
        try setMode(0o644, path + "-wal")
        #expect(try Tool("save", path, "run", "4").wait().output == "saved 4")
        try setMode(0o444, path)
        try setMode(0o555, place)
        let new = try Tool("write-as-nobody", place + "/new/jacquard.sqlite").wait()
        #expect(new.output.contains("cannot be created") && new.status == 1)
        try setMode(0o000, path)
        let unreadable = try Tool("read-as-nobody", path).wait()
        #expect(unreadable.output.contains("cannot read \(path)") && unreadable.status == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place) == ["jacquard.sqlite"])
        try setMode(0o755, place)
    }
}
