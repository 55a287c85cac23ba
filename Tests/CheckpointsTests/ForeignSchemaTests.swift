import Checkpoints
import Foundation
import GRDB
import TensorCore
import Testing
import TestSupport

/// A file whose schema is not exactly a store's is refused by name, before anything in it runs.
@Suite struct ForeignSchemaTests {
    @Test(arguments: [CheckpointStore.Access.readOnly, .readWrite])
    func whatDoesNotBelongIsNamed(access: CheckpointStore.Access) throws {
        let folder = try TemporaryFolder(), original = folder.file("original.sqlite")
        try makeFullStore(at: original)
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        for (sql, object) in [
            ("CREATE TRIGGER t AFTER UPDATE ON run BEGIN \(endless); END", "trigger 't'"),
            ("CREATE TRIGGER u AFTER DELETE ON run BEGIN DELETE FROM run; END", "trigger 'u'"),
            ("CREATE VIEW v AS \(endless)", "view 'v'"),
            ("ALTER TABLE metric ADD COLUMN x INTEGER AS (length(hex(zeroblob(100000000))))", "table 'metric'"),
            ("ALTER TABLE run ADD COLUMN note TEXT", "table 'run'"),
            ("CREATE TABLE notes (x)", "table 'notes'"),
            ("CREATE INDEX i ON metric (abs(value))", "index 'i'"),
            ("CREATE VIRTUAL TABLE f USING fts5 (x)", "table 'f'"),
            ("ALTER TABLE run RENAME TO r; CREATE VIEW run AS SELECT * FROM r", "table 'r'"),
            ("ALTER TABLE metric RENAME TO m", "table 'm'"),
        ] {
            try? FileManager.default.removeItem(atPath: folder.store)
            try FileManager.default.copyItem(atPath: original, toPath: folder.store)
            try edit(folder.store, sql)
            let before = try Data(contentsOf: URL(fileURLWithPath: folder.store))
            let error = try storeError { try CheckpointStore.open(at: folder.store, access: access).close() }
            guard case .foreignSchema(folder.store, let found, _) = error else {
                Issue.record("\(sql): \(error)")
                continue
            }
            #expect(found == object || object == "table 'r'" || object == "table 'f'", "\(found) after \(sql)")
            #expect("\(error)".contains("was changed by another program") && "\(error)".contains("charnn repair"))
            // What holds rows of a store is never to be dropped.
            let isAddition = sql.hasPrefix("CREATE") && !sql.contains("VIRTUAL")
            #expect("\(error)".contains("`DROP \(found)`") == isAddition || sql.contains("VIRTUAL"), "\(sql): \(error)")
            let after = try Data(contentsOf: URL(fileURLWithPath: folder.store))
            #expect(before.count == after.count && before[100...] == after[100...])
        }
    }

    @Test func whatAnalyzeAddsBelongs() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store)
        try edit(folder.store, "ANALYZE")
        try readAll(folder.store)
    }

    @Test func whatIsMissingIsNamed() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store)
        try edit(folder.store, "DROP INDEX event_by_run")
        let error = try storeError { try readAll(folder.store) }
        #expect(error == .corrupt(path: folder.store, detail: "it has no index 'event_by_run'"))
    }

    /// A header that does not go with the tables: what was brought up to date again and again for ever.
    @Test(arguments: [CheckpointStore.Access.readOnly, .readWrite])
    func aVersionThatIsNotThatOfTheTables(access: CheckpointStore.Access) throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store)
        let real = try #require(
            try DatabaseQueue(path: folder.store).read { try Int.fetchOne($0, sql: "PRAGMA user_version") })
        for version in 0..<real {
            try edit(folder.store, "PRAGMA user_version = \(version)")
            let error = try storeError { try CheckpointStore.open(at: folder.store, access: access).close() }
            #expect(
                error
                    == .corrupt(
                        path: folder.store,
                        detail: "its header says schema \(version), and its tables are of schema \(real)"))
        }
        try edit(folder.store, "PRAGMA user_version = -1")
        let error = try storeError { try CheckpointStore.open(at: folder.store, access: access).close() }
        #expect(error == .corrupt(path: folder.store, detail: "its header says schema -1"))
        try edit(folder.store, "PRAGMA user_version = \(real); DELETE FROM grdb_migrations WHERE rowid = 2")
        let other = try storeError { try CheckpointStore.open(at: folder.store, access: access).close() }
        #expect("\(other)".contains("grdb_migrations"))
    }

    @Test func connectionsAreDefensiveAndTrustNoSchema() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store)
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let settings = try store.read { database in
            try ["trusted_schema", "cell_size_check", "mmap_size", "foreign_keys"].map {
                try Int.fetchOne(database, sql: "PRAGMA \($0)")
            }
        }
        #expect(settings == [0, 1, 0, 1])
        // A defensive connection does not let a schema be written by hand.
        #expect(throws: (any Error).self) {
            try store.read { database in
                try database.execute(sql: "PRAGMA writable_schema = ON")
                try database.execute(sql: "PRAGMA query_only = OFF")
                try database.execute(sql: "UPDATE sqlite_master SET sql = ''")
            }
        }
        try store.close()
        try readAll(folder.store)
    }

    // MARK: Older stores

    /// A store as the program made it before there were checksums and owners.
    private func makeOldStore(at path: String) throws {
        try makeFullStore(at: path)
        try edit(
            path,
            """
            ALTER TABLE run DROP COLUMN configuration_crc32; ALTER TABLE run DROP COLUMN corpus_crc32;
            ALTER TABLE checkpoint DROP COLUMN state_crc32; ALTER TABLE tensor DROP COLUMN crc32;
            ALTER TABLE code DROP COLUMN crc32; DROP TABLE owner; DROP TABLE text;
            DELETE FROM grdb_migrations WHERE rowid > 2; PRAGMA user_version = 2
            """)
    }

    @Test func anOlderStoreIsReadAndBroughtUpToDate() throws {
        let folder = try TemporaryFolder()
        try makeOldStore(at: folder.store)
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.run(named: "run")
        #expect(try store.loadCheckpoint(.best, of: run.id) == checkpoint(step: 1, loss: 2, shape: [60, 50]))
        #expect(try store.codes(of: run.id).map(\.values) == [[1, 2, 3]])
        // What is written from now on has its checksum.
        try store.save(checkpoint(step: 3), in: run.id, isBest: false)
        let missing = try store.read { database in
            try Int.fetchAll(
                database,
                sql: """
                    SELECT sum(crc32 IS NULL) FROM tensor JOIN checkpoint ON checkpoint.id = checkpoint_id
                    GROUP BY step ORDER BY step
                    """)
        }
        #expect(missing == [5, 5, 0])
        try store.close()
        try readAll(folder.store)
    }

    @Test func anOlderStoreThatCannotBeWrittenToIsReadAsItIs() throws {
        let folder = try TemporaryFolder(), place = folder.file("tapes"), path = place + "/jacquard.sqlite"
        try makeOldStore(at: path)
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        chmod(path, 0o444)
        chmod(place, 0o555)
        defer { chmod(place, 0o755) }
        let read = try Tool("read-as-nobody", path).wait()
        #expect(read.output == "run@2" && read.status == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }
}
