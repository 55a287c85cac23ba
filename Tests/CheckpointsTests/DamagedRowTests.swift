import Checkpoints
import Foundation
import GRDB
import TensorCore
import Testing
import TestSupport

/// A store is data that anyone may have touched: every value of every row is read as what it may be.
@Suite struct DamagedRowTests {
    private static let tables = ["run", "checkpoint", "tensor", "metric", "sample", "event", "code", "text"]
    private static let values = ["NULL", "'x'", "x'00ff'", "1e300", "-1", "9223372036854775807", "0.5", "'\u{e9}'"]

    /// What a column of any name may hold without being damaged.
    private func mayHold(_ value: String, _ table: String, _ column: String) -> Bool {
        switch (table, column) {
        case (_, "name"), (_, "kind"), (_, "message"), (_, "label"), ("sample", "text"): value.hasPrefix("'")
        default: false
        }
    }

    /// Every column of every table with every kind of value: an error that names table and column, or a value that
    /// could be meant; never a trap.
    @Test(arguments: tables) func everyColumnOfEveryRow(table: String) throws {
        let folder = try TemporaryFolder(), original = folder.file("original.sqlite")
        try makeFullStore(at: original)
        let columns = try DatabaseQueue(path: original).read { try $0.columns(in: table).map(\.name) }
        var named: Set<String> = []
        for column in columns {
            for value in Self.values {
                try? FileManager.default.removeItem(atPath: folder.store)
                try FileManager.default.copyItem(atPath: original, toPath: folder.store)
                try force(value, into: column, of: table, in: folder.store)
                do {
                    try readAll(folder.store)
                } catch StoreError.damagedValue(table, _, let found, let reason, folder.store) {
                    named.insert(found)
                    #expect(!mayHold(value, table, found), "\(found): \(reason)")
                } catch let error as StoreError {
                    #expect("\(error)".contains(folder.store) && !"\(error)".isEmpty, "\(error)")
                }
            }
        }
        // Each column that is read and not only looked up by.
        let keys = ["id", "run_id", "checkpoint_id", "position", "created_at", "name"]
        for column in columns where !keys.contains(column) && !(table == "tensor" && column == "section") {
            #expect(named.contains(column) || table == "tensor", "\(table).\(column) is not checked")
        }
    }

    @Test(arguments: [
        ("run", "status", "NULL", "in the table run, id 1, the column status holds NULL instead of text"),
        ("checkpoint", "step", "NULL", "in the table checkpoint, id 1, the column step holds NULL instead of a whole"),
        ("checkpoint", "step", "9223372036854775807", "9223372036854775807 instead of a number from 0 to"),
        (
            "metric", "value", "'high'",
            "in the table metric, run_id 1, name 'validation_loss', step 1, the column value"
        ),
        ("code", "length", "4611686018427387904", "4611686018427387904 instead of a number from 0 to"),
        ("event", "time", "'noon'", "the column time holds 'noon' instead of a time"),
    ])
    func theErrorNamesTableRowAndColumn(table: String, column: String, value: String, text: String) throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store)
        try force(value, into: column, of: table, in: folder.store)
        let error = try storeError { try readAll(folder.store) }
        #expect("\(error)".contains(text), "\(error)")
        #expect("\(error)".contains("`charnn repair \(folder.store)`"), "\(error)")
    }

    @Test func aLoadIsRefusedBeforeMemoryIsSpent() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store)
        // Four terabytes, which no machine has: memory that is asked for and not touched would cost nothing. Rows that
        // agree with such a shape only their header could fake. What can be had with SQL is one that they do not fill.
        try edit(folder.store, "UPDATE tensor SET shape = '[1000000,1000000]' WHERE name = 'rnn.weight_hh_l0'")
        let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
        let run = try store.run(named: "run")
        for selection in [CheckpointSelection.best, .latest] {
            let error = try storeError { _ = try store.loadCheckpoint(selection, of: run.id) }
            guard case .damagedTensor("rnn.weight_hh_l0", "run", _, let reason, _) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(reason.contains("takes 4000000000000 bytes, and it has 12000"))
        }
        try store.close()
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func weightsThatAreNotFiniteAreRefusedByName(value: Float) throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description("run"))
        for (step, section) in [Checkpoint.Section.parameter, .buffer].enumerated() {
            var saved = checkpoint(step: step)
            saved.sections[section]?["spoiled"] = Tensor([1, 2, value, 4], shape: [4])
            try store.save(saved, in: run.id, isBest: false)
            let error = try storeError { _ = try store.loadCheckpoint(.latest, of: run.id) }
            let reason = "its number 2 is \(value)"
            #expect(
                error
                    == .damagedTensor(name: "spoiled", run: "run", step: step, reason: reason, path: folder.store))
        }
        try store.close()
    }
}
