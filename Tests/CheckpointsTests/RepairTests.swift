import Checkpoints
import Foundation
import GRDB
import TensorCore
import Testing
import TestSupport

/// What can be read of a damaged store is saved, what cannot is named, and the damaged file stays as it is.
@Suite struct RepairTests {
    private func repair(_ folder: TemporaryFolder) throws -> RepairReport {
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.store)), names = folder.contents
        let report = try CheckpointStore.repair(folder.store, into: folder.file("saved.sqlite"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.store)) == before)
        #expect(Set(folder.contents) == Set(names + ["saved.sqlite"]))
        try readAll(folder.file("saved.sqlite"))
        return report
    }

    /// Everything but the damage.
    private func load(_ folder: TemporaryFolder, _ run: String, _ selection: CheckpointSelection) throws -> Checkpoint {
        let store = try CheckpointStore.open(at: folder.file("saved.sqlite"), access: .readOnly)
        defer { try? store.close() }
        return try store.loadCheckpoint(selection, of: store.run(named: run).id)
    }

    private func overwrite(_ path: String, at offset: Int, with bytes: [UInt8]) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        data.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        try data.write(to: URL(fileURLWithPath: path))
    }

    private static let whole = [
        RepairReport.SavedRun(name: "run", kind: "charnn", steps: [1, 2]),
        RepairReport.SavedRun(name: "second", kind: "charnn", steps: [1, 2]),
    ]

    @Test func nothingIsLostOfAWholeStore() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, second: true)
        let report = try repair(folder)
        #expect(report.runs == Self.whole && report.losses == [])
        #expect(try load(folder, "second", .best) == checkpoint(step: 1, loss: 2, shape: [60, 50]))
        let store = try CheckpointStore.open(at: folder.file("saved.sqlite"), access: .readOnly)
        let run = try store.run(named: "run")
        #expect(try store.metrics(of: run.id).count == 3 && store.codes(of: run.id).map(\.values) == [[1, 2, 3]])
        #expect(try store.samples(of: run.id).count == 1 && store.events(of: run.id).count == 1)
        try store.close()
    }

    @Test func aCheckpointWithDamagedWeightsIsNamed() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, second: true)
        try edit(folder.store, "UPDATE tensor SET data = zeroblob(12000) WHERE rowid = 1")
        let report = try repair(folder)
        #expect(report.runs.map(\.steps) == [[2], [1, 2]])
        try #require(report.losses.count == 2)
        #expect(report.losses[0].contains("a piece of a tensor, rowid 1") && report.losses[0].contains("checksum"))
        #expect(report.losses[1] == "the checkpoint of run 'run', step 1: of its 5 tensors, 4 are there")
        #expect(try load(folder, "run", .latest) == checkpoint(step: 2, shape: [60, 50]))
    }

    @Test func weightsAreSavedWithoutWhatOnlyTrainingNeeds() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store)
        try edit(folder.store, "UPDATE tensor SET data = zeroblob(28) WHERE name = 'adam.m.rnn.bias'")
        let report = try repair(folder)
        #expect(report.runs.map(\.steps) == [[1, 2]])
        #expect(report.losses.filter { $0.hasSuffix("it can be used, not resumed") }.count == 2)
        let saved = checkpoint(step: 1, loss: 2, shape: [60, 50])
        let loaded = try load(folder, "run", .best)
        #expect(loaded.sections == saved.sections.filter { [.parameter, .buffer].contains($0.key) })
    }

    @Test(arguments: [
        ("the mark of SQLite", 0, Array("SQLITE".utf8)), ("the page size", 16, [0, 0]), ("the mark", 68, [0, 0, 0, 0]),
        ("all of SQLite's mark", 0, Array(repeating: 0, count: 16)), ("another page size", 16, [16, 0]),
        ("the version", 60, [0, 0, 0, 1]), ("the size", 28, [0, 0, 0, 1]), ("the free pages", 32, [0, 0, 9, 9]),
        ("the kind of text", 56, [0, 0, 0, 9]), ("the kind of schema", 44, [0, 0, 0, 9]),
    ])
    func aDamagedHeaderCostsNothing(what: String, offset: Int, bytes: [UInt8]) throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, second: true)
        try overwrite(folder.store, at: offset, with: bytes)
        let report = try repair(folder)
        #expect(report.runs == Self.whole && report.losses == [], "\(what): \(report)")
    }

    /// The mark that says it is a store of ours is gone, and so is what would say how long its pages are.
    @Test(arguments: [[3, 0], [1, 0], [0, 0], [255, 255], [32, 1]] as [[UInt8]])
    func aPageSizeThatCannotBeIsTheUsualOne(bytes: [UInt8]) throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, second: true)
        try overwrite(folder.store, at: 16, with: bytes)
        try overwrite(folder.store, at: 68, with: [0, 0, 0, 0])
        let report = try repair(folder)
        #expect(report.runs == Self.whole && report.losses == [])
    }

    /// Without our mark it is half of SQLite's that makes a file a store.
    @Test(arguments: [8, 9]) func halfOfTheMarkOfSQLiteIsEnough(spoiled: Int) throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, second: true)
        try overwrite(folder.store, at: 0, with: Array(repeating: 1, count: spoiled))
        try overwrite(folder.store, at: 68, with: [0, 0, 0, 0])
        if spoiled == 8 {
            let report = try repair(folder)
            #expect(report.runs == Self.whole && report.losses == [])
        } else {
            #expect(throws: StoreError.notSQLite(path: folder.store)) {
                try CheckpointStore.repair(folder.store, into: folder.file("saved.sqlite"))
            }
        }
    }

    /// As a killed process leaves it: the last that was written stands in the log, and the store's head says that there
    /// is none.
    @Test func whatStandsInTheLogIsSaved() throws {
        let folder = try TemporaryFolder(), aside = try TemporaryFolder()
        try makeFullStore(at: aside.store, second: true)
        let queue = try DatabaseQueue(path: aside.store)
        try queue.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    PRAGMA wal_autocheckpoint = 0;
                    INSERT INTO event (run_id, step, kind, message, time)
                    SELECT id, 9, 'note', 'in the log', '2026-01-01T00:00:00.000Z' FROM run WHERE name = 'run'
                    """)
            for ending in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: aside.store + ending, toPath: folder.store + ending)
            }
        }
        try queue.close()
        try overwrite(folder.store, at: 18, with: [1, 1])
        let report = try repair(folder)
        #expect(report.runs == Self.whole && report.losses == [])
        let store = try CheckpointStore.open(at: folder.file("saved.sqlite"), access: .readOnly)
        #expect(try store.events(of: store.run(named: "run").id).map(\.message) == ["now", "in the log"])
        try store.close()
    }

    @Test func aStoreOfNothingButATextIsWorthRepairing() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        _ = try store.createText(title: "One", text: "Once", settings: Data("{}".utf8))
        try store.close()
        let report = try repair(folder)
        #expect(report.runs == [] && report.texts == 1 && report.losses == [])
    }

    /// Ten of a kind are named, of more the number of the others is said.
    @Test(arguments: [10, 11, 13]) func manyLossesAreTenNamesAndANumber(count: Int) throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, second: true)
        try edit(
            folder.store,
            """
            INSERT INTO event (run_id, step, kind, message, time)
            WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < \(count))
            SELECT id, n, 'note', 'm', 'no time' FROM run, number WHERE name = 'run'
            """)
        let losses = try repair(folder).losses
        #expect(losses.filter { $0.contains("column time") }.count == 10)
        #expect(
            losses.filter { $0.hasSuffix("more rows of the table event") }
                == (count > 10 ? ["\(count - 10) more rows of the table event"] : []))
    }

    /// Every page in turn: what stood on others is saved.
    @Test func aDamagedPageCostsWhatStoodOnIt() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, second: true)
        let original = try Data(contentsOf: URL(fileURLWithPath: folder.store))
        var saved = 0, whole = 0, poor: [Int] = []
        for page in 1..<original.count / 8192 {
            try? FileManager.default.removeItem(atPath: folder.file("saved.sqlite"))
            try original.write(to: URL(fileURLWithPath: folder.store))
            try overwrite(
                folder.store, at: page * 8192, with: (0..<64).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) })
            var checkpoints = 0
            do {
                let report = try repair(folder)
                saved += 1
                checkpoints = report.runs.reduce(0) { $0 + $1.steps.count }
                // What is not there is named.
                if report.losses.isEmpty {
                    #expect(report.runs == Self.whole, "page \(page)")
                    whole += 1
                }
            } catch let error as StoreError {
                guard case .corrupt = error else {
                    Issue.record("page \(page): \(error)")
                    continue
                }
            }
            if checkpoints < 2 { poor.append(page) }
        }
        // Each run and each checkpoint is a row of a page that all share; of the weights the half remains.
        #expect(poor.count <= 3, "\(poor)")
        #expect(saved >= original.count / 8192 - 6 && whole > 0, "\(saved) of \(original.count / 8192)")
    }

    /// Where two pages of weights are spoiled, those before, between and after them are saved.
    @Test func whatStandsAroundDamagedPagesIsSaved() throws {
        let folder = try TemporaryFolder(), names = (1...9).map { "run-\($0)" }
        try makeFullStore(at: folder.store, runs: names)
        let leaves = try leaves(of: "tensor", in: folder.store)
        try #require(leaves.count >= 9)
        for leaf in [leaves[leaves.count / 3], leaves[leaves.count * 2 / 3]] {
            try overwrite(
                folder.store, at: leaf * 8192, with: (0..<64).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) })
        }
        let report = try repair(folder), whole = report.runs.filter { $0.steps == [1, 2] }.map(\.name)
        #expect(report.losses.contains("what stood on pages of the table tensor that cannot be read"))
        #expect(whole.contains("run-1") && whole.contains("run-9"), "\(report)")
        #expect(whole.contains { ["run-4", "run-5", "run-6"].contains($0) }, "\(report)")
        // A page holds weights of at most three checkpoints.
        #expect((12..<18).contains(report.runs.reduce(0) { $0 + $1.steps.count }), "\(report)")
    }

    /// The pages of a table's rows in their order, counted from 0, of a table whose root lists them
    /// (https://www.sqlite.org/fileformat.html#b_tree_pages).
    private func leaves(of table: String, in path: String) throws -> [Int] {
        let queue = try DatabaseQueue(path: path)
        let root = try queue.read { database in
            try Int.fetchOne(
                database, sql: "SELECT rootpage FROM sqlite_master WHERE name = ? AND type = 'table'",
                arguments: [table])
        }
        try queue.close()
        let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let page = file[((try #require(root) - 1) * 8192)...].prefix(8192), start = page.startIndex
        func number(_ offset: Int, _ count: Int) -> Int {
            page[start + offset..<start + offset + count].reduce(0) { $0 << 8 | Int($1) }
        }
        try #require(number(0, 1) == 5, "the root is no page of pages")
        let cells = (0..<number(3, 2)).map { number(12 + 2 * $0, 2) }
        return cells.map { number($0, 4) - 1 } + [number(8, 4) - 1]
    }

    @Test func whatAnotherProgramAddedStaysBehind() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, second: true)
        try edit(
            folder.store, "CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM run; END; CREATE VIEW v AS SELECT 1")
        let report = try repair(folder)
        #expect(report.runs == Self.whole && report.losses == [])
    }

    /// What is stored is read, whatever was added to it.
    @Test func columnsThatAnotherProgramAddedStayBehind() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, second: true)
        try edit(
            folder.store,
            """
            ALTER TABLE run ADD COLUMN note TEXT; UPDATE run SET note = 'mine';
            ALTER TABLE tensor ADD COLUMN length INTEGER AS (length(data));
            ALTER TABLE checkpoint DROP COLUMN state_crc32
            """)
        let report = try repair(folder)
        #expect(report.runs == Self.whole && report.losses == [])
        #expect(try load(folder, "second", .best) == checkpoint(step: 1, loss: 2, shape: [60, 50]))
    }

    /// A table without what each row needs is none of a store's, and neither is one that something is computed for.
    @Test(arguments: [
        "ALTER TABLE metric DROP COLUMN seconds",
        "ALTER TABLE metric RENAME TO m; CREATE VIEW metric AS SELECT * FROM m",
        "ALTER TABLE metric DROP COLUMN seconds; ALTER TABLE metric ADD COLUMN seconds REAL AS (step * 2.0)",
    ]) func whatIsNoTableOfAStoreIsNotRead(change: String) throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, second: true)
        try edit(folder.store, change)
        let report = try repair(folder)
        #expect(report.runs == Self.whole)
        #expect(report.losses == ["the table metric: its declaration is missing or another one"])
    }

    /// Another program may have written the whole file anew.
    @Test(arguments: [512, 4096, 65_536]) func pagesOfAnotherLengthAreRead(pageSize: Int) throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, second: true)
        try edit(folder.store, "PRAGMA journal_mode = DELETE; PRAGMA page_size = \(pageSize); VACUUM")
        let report = try repair(folder)
        #expect(report.runs == Self.whole && report.losses == [])
        // With half of SQLite's mark, and the length that there is.
        try FileManager.default.removeItem(atPath: folder.file("saved.sqlite"))
        try overwrite(folder.store, at: 0, with: Array("SQLITE".utf8))
        #expect(try repair(folder).runs == Self.whole)
    }

    @Test func numbersOfWhatIsGoneAreNotUsedAgain() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, second: true)
        try edit(
            folder.store,
            """
            PRAGMA foreign_keys = ON; DELETE FROM run WHERE name = 'second'; DELETE FROM text;
            UPDATE sqlite_sequence SET seq = 7 WHERE name = 'text';
            INSERT INTO sqlite_sequence (name, seq) VALUES ('run', 'no number'), ('another', 3)
            """)
        #expect(try repair(folder).runs == [Self.whole[0]])
        let numbers = try DatabaseQueue(path: folder.file("saved.sqlite")).read { database in
            try Row.fetchAll(database, sql: "SELECT name, seq FROM sqlite_sequence ORDER BY name")
                .map { "\($0["name"] as String) \($0["seq"] as Int)" }
        }
        #expect(numbers == ["checkpoint 4", "run 2", "text 7"])
    }

    /// As `.dump` writes it: the same tables, and none of the marks.
    @Test(arguments: [512, 4096, 65_536]) func aStoreFromADump(pageSize: Int) throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, second: true)
        try edit(
            folder.store,
            """
            PRAGMA journal_mode = DELETE; PRAGMA application_id = 0; PRAGMA user_version = 0;
            PRAGMA page_size = \(pageSize); VACUUM
            """)
        let header = try Data(contentsOf: URL(fileURLWithPath: folder.store)).prefix(18)
        #expect(Int(header[16]) << 8 | Int(header[17]) == (pageSize == 65_536 ? 1 : pageSize))
        let error = try storeError { try readAll(folder.store) }
        #expect("\(error)".contains("charnn repair"))
        #expect(try repair(folder).runs == Self.whole)
    }

    @Test func whatIsNoStoreIsRefused() throws {
        let folder = try TemporaryFolder(), target = folder.file("saved.sqlite")
        #expect(throws: StoreError.nothingToRepair(path: folder.store)) {
            try CheckpointStore.repair(folder.store, into: target)
        }
        try Data(repeating: 65, count: 10_000).write(to: URL(fileURLWithPath: folder.store))
        #expect(throws: (any Error).self) { try CheckpointStore.repair(folder.store, into: target) }
        try makeFullStore(at: folder.file("whole.sqlite"))
        let whole = folder.file("whole.sqlite")
        #expect(throws: StoreError.repairExists(path: folder.store)) {
            try CheckpointStore.repair(whole, into: folder.store)
        }
        #expect(throws: StoreError.storeItself(path: whole)) { try CheckpointStore.repair(whole, into: whole) }
        #expect(folder.contents == ["jacquard.sqlite", "whole.sqlite"])
    }

    /// To read from one would not end, or not begin.
    @Test func whatIsNoFileIsNotCopied() throws {
        let folder = try TemporaryFolder(), pipe = folder.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [pipe, "/dev/zero"] {
            #expect(throws: StoreError.notAFile(path: path)) {
                try CheckpointStore.repair(path, into: folder.file("saved.sqlite"))
            }
        }
        // Beside a store it is no log.
        try makeFullStore(at: folder.store, second: true)
        #expect(mkfifo(folder.store + "-journal", 0o600) == 0)
        #expect(try CheckpointStore.repair(folder.store, into: folder.file("saved.sqlite")).runs == Self.whole)
    }
}
