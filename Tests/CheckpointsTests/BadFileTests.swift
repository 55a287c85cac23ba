import Checkpoints
import Foundation
import GRDB
import TensorCore
import Testing
import TestSupport

@Suite struct BadFileTests {
    private func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    private func makeStore(at path: String) throws {
        let store = try CheckpointStore.open(at: path, access: .readWrite)
        let run = try store.createRun(description("run"))
        try store.save(checkpoint(step: 1, shape: [100, 200]), in: run.id, isBest: true)
        try store.close()
    }

    private func edit(_ path: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    private func openingError(_ path: String, _ access: CheckpointStore.Access) throws -> StoreError {
        try storeError { try CheckpointStore.open(at: path, access: access).close() }
    }

    @Test func nothingTrainedYet() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("checkpoints/jacquard.sqlite")
        let error = try openingError(path, .readOnly)
        #expect(error == .noStore(path: path))
        #expect("\(error)".contains("no model has been trained yet") && error.text(for: .user).contains("charnn train"))
        #expect(folder.contents == [])
        // A file of no length is not a store to read, but may become one.
        try write([], to: folder.store)
        #expect(try openingError(folder.store, .readOnly) == .noStore(path: folder.store))
        try makeStore(at: folder.store)
        #expect(try CheckpointStore.open(at: folder.store, access: .readOnly).runs().count == 1)
    }

    @Test(arguments: [CheckpointStore.Access.readOnly, .readWrite])
    func aFileThatIsNotAStoreIsLeftAlone(access: CheckpointStore.Access) throws {
        let folder = try TemporaryFolder()
        let text = folder.file("text.txt"), short = folder.file("short"), other = folder.file("other.db")
        let letter = Array("Dear Sir or Madam, this is long enough to be a header, or so it seems to its writer. ".utf8)
        try write(letter + letter, to: text)
        try write(Array("SQLite format 3\0".utf8), to: short)
        try edit(other, "CREATE TABLE mine (x); PRAGMA application_id = 77")
        #expect(try openingError(text, access) == .notSQLite(path: text))
        #expect(try openingError(short, access) == .notSQLite(path: short))
        #expect(try openingError(other, access) == .otherApplication(path: other, applicationID: 77))
        #expect(try openingError(folder.path, access) == .folder(path: folder.path))
        try #expect(Data(contentsOf: URL(fileURLWithPath: text)) == Data(letter + letter))
        #expect(folder.contents == ["other.db", "short", "text.txt"])
    }

    /// As a process leaves it that was killed between two statements.
    @Test func aStoreOfWhichOnlyTheHeaderIsThere() throws {
        let folder = try TemporaryFolder()
        try edit(folder.store, "PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL")
        #expect(try folder.size("jacquard.sqlite") == 8192)
        #expect(try openingError(folder.store, .readOnly) == .noStore(path: folder.store))
        try makeStore(at: folder.store)
        let second = folder.file("second.sqlite")
        try edit(second, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = 1245791057")
        #expect(try openingError(second, .readOnly) == .noStore(path: second))
        try makeStore(at: second)
    }

    @Test(arguments: [CheckpointStore.Access.readOnly, .readWrite])
    func aNewerStoreIsRefused(access: CheckpointStore.Access) throws {
        let folder = try TemporaryFolder()
        try makeStore(at: folder.store)
        try edit(folder.store, "PRAGMA user_version = 7")
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.store))
        let error = try openingError(folder.store, access)
        #expect(error == .newerSchema(path: folder.store, found: 7, supported: 5))
        #expect("\(error)".contains("made by a newer version of Jacquard (schema 7, this program reads up to 5)"))
        #expect(folder.contents == ["jacquard.sqlite"])
        // All but the counter of changes in the header.
        let after = try Data(contentsOf: URL(fileURLWithPath: folder.store))
        #expect(before.count == after.count && before[100...] == after[100...])
    }

    @Test func aShortenedFileIsDamaged() throws {
        let folder = try TemporaryFolder()
        try makeStore(at: folder.store)
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder.store)))
        for length in [8192, bytes.count / 2 / 8192 * 8192, bytes.count - 8192] {
            try write(Array(bytes[..<length]), to: folder.store)
            let error = try storeError {
                let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
                let run = try store.run(named: "run")
                _ = try store.loadCheckpoint(.best, of: run.id)
            }
            guard case .corrupt(folder.store, _) = error else {
                Issue.record("\(length) bytes: \(error)")
                continue
            }
            #expect("\(error)".contains("charnn repair"))
        }
    }

    /// Every page is overwritten in turn: an error or the right numbers, never a crash.
    @Test func damagedPagesAreNoticedOrDoNotMatter() throws {
        let folder = try TemporaryFolder()
        try makeStore(at: folder.store)
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder.store)))
        var noticed = 0
        for page in 1..<bytes.count / 8192 {
            var damaged = bytes
            for index in 0..<64 { damaged[page * 8192 + index] = UInt8(truncatingIfNeeded: index &* 37 &+ 11) }
            try write(damaged, to: folder.store)
            do {
                let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
                _ = try store.run(named: "run")
                _ = try store.loadCheckpoint(.best, of: store.run(named: "run").id)
                try store.close()
            } catch {
                noticed += 1
            }
        }
        #expect(noticed > 3)
    }

    @Test(arguments: [
        ("UPDATE tensor SET data = substr(data, 1, 12) WHERE name = 'rnn.bias'", "takes 28 bytes, and it has 12"),
        ("UPDATE tensor SET shape = '[7,2]' WHERE name = 'rnn.bias'", "takes 56 bytes, and it has 28"),
        ("UPDATE tensor SET shape = '[-7]' WHERE name = 'rnn.bias'", "'[-7]' is not a shape"),
        ("UPDATE tensor SET shape = 'seven' WHERE name = 'rnn.bias'", "'seven' is not a shape"),
        ("UPDATE tensor SET shape = '[4611686018427387904,8]' WHERE name = 'rnn.bias'", "larger than any memory"),
        ("UPDATE tensor SET chunk = 1 WHERE name = 'rnn.bias'", "where its row 0 should be there is number 1"),
        ("DELETE FROM tensor WHERE name = 'rnn.bias'", "the checkpoint has 5 tensors, and 4 are there"),
    ])
    func aDamagedTensorIsNamed(sql: String, reason: String) throws {
        let folder = try TemporaryFolder()
        try makeStore(at: folder.store)
        try edit(folder.store, sql)
        let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
        let run = try store.run(named: "run")
        let error = try storeError { _ = try store.loadCheckpoint(.best, of: run.id) }
        guard case .damagedTensor(let name, "run", 1, let found, folder.store) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(name == "rnn.bias" || sql.hasPrefix("DELETE"))
        #expect(found.contains(reason), "\(found)")
        try store.close()
    }

    @Test func aFullDiskLeavesTheStoreAsItWas() throws {
        let folder = try TemporaryFolder()
        try makeStore(at: folder.store)
        let limited = StoreOptions(prepare: { try $0.execute(sql: "PRAGMA max_page_count = 60") })
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite, options: limited)
        let run = try store.run(named: "run")
        let event = EventRecord(kind: "x", message: "y")
        let error = try storeError {
            try store.save(
                checkpoint(step: 2, shape: [500, 300]), in: run.id, isBest: true, with: History(events: [event]))
        }
        #expect(error == .full(path: folder.store))
        #expect("\(error)".contains("the disk is full"))
        #expect(try store.loadCheckpoint(.best, of: run.id) == checkpoint(step: 1, shape: [100, 200]))
        #expect(try store.checkpoints(of: run.id).map(\.isLatest) == [true])
        #expect(try store.events(of: run.id).isEmpty)
        // What is smaller still fits.
        try store.save(checkpoint(step: 3), in: run.id, isBest: false)
        try store.close()
    }

    @Test func theHeaderIsAsTheGuideSays() throws {
        let folder = try TemporaryFolder()
        try makeStore(at: folder.store)
        let values = try DatabaseQueue(path: folder.store).read { database in
            try ["application_id", "user_version", "page_size", "auto_vacuum"].map {
                try Int.fetchOne(database, sql: "PRAGMA \($0)")
            }
        }
        #expect(values == [1_245_791_057, 5, 8192, 2])
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let (journal, synchronous) = try store.read { database in
            (
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(database, sql: "PRAGMA synchronous")
            )
        }
        #expect(journal == "wal" && synchronous == 2)
        try store.close()
    }

    @Test func theStoreIsWhereTheUserSays() {
        let variable = ["JACQUARD_STORE": "b.sqlite", "HOME": "/"]
        #expect(StorePath.resolve(option: "a.sqlite", environment: variable) == "a.sqlite")
        #expect(StorePath.resolve(option: nil, environment: variable) == "b.sqlite")
        #expect(StorePath.resolve(option: "", environment: ["JACQUARD_STORE": ""]) == "checkpoints/jacquard.sqlite")
        #expect(StorePath.resolve(option: nil, environment: [:]) == "checkpoints/jacquard.sqlite")
    }
}
