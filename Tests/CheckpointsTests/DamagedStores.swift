import Checkpoints
import Foundation
import GRDB
import TensorCore
import Testing

/// Runs SQL on a store as any SQLite program could.
func edit(_ path: String, _ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
}

/// Puts a value into a column whatever its declaration says, as a flipped bit could: the declaration is loosened for
/// that moment.
func force(_ value: String, into column: String, of table: String, where condition: String = "1", in path: String)
    throws
{
    let name = "'\(table)'"
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    func write(_ body: (Database) throws -> Void) throws {
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction(body)
        try queue.close()
    }
    var declaration = ""
    try write { database in
        declaration = try #require(
            try String.fetchOne(database, sql: "SELECT sql FROM sqlite_master WHERE name = \(name) AND type = 'table'"))
        var loose = declaration.replacing(" NOT NULL", with: "").replacing("STRICT, ", with: "")
            .replacing(" STRICT", with: "").replacing(#/ CHECK \([^)]*\)\)/#, with: "")
        for type in ["INTEGER", "REAL", "TEXT", "BLOB"] where column != "id" {
            loose = loose.replacing("\(column) \(type)", with: "\(column) ")
        }
        try database.execute(sql: "PRAGMA writable_schema = ON")
        try database.execute(
            sql: "UPDATE sqlite_master SET sql = ? WHERE name = \(name) AND type = 'table'", arguments: [loose])
    }
    // What is no row's number cannot be one.
    try? write { try $0.execute(sql: "UPDATE OR IGNORE \(table) SET \(column) = \(value) WHERE \(condition)") }
    try write { database in
        try database.execute(sql: "PRAGMA writable_schema = ON")
        try database.execute(
            sql: "UPDATE sqlite_master SET sql = ? WHERE name = \(name) AND type = 'table'", arguments: [declaration])
    }
}

/// A store with a run "run" that has a row in every table, closed; then with a second run, if one is asked for.
@discardableResult
func makeFullStore(at path: String, second: Bool = false, chunkBytes: Int = 32 << 20) throws -> Checkpoint {
    try makeFullStore(at: path, runs: second ? ["run", "second"] : ["run"], chunkBytes: chunkBytes)
    return checkpoint(step: 1, loss: 2, shape: [60, 50])
}

/// The same with runs of these names, which have the checkpoints of steps 1 and 2 each.
func makeFullStore(at path: String, runs: [String], chunkBytes: Int = 32 << 20) throws {
    let store = try CheckpointStore.open(
        at: path, access: .readWrite, options: StoreOptions(chunkBytes: chunkBytes))
    for name in runs {
        let run = try store.createRun(description(name))
        let history = History(
            metrics: (1...3).map { MetricRecord(step: $0, epoch: 1, name: "validation_loss", value: 2, seconds: 9) },
            samples: [SampleRecord(step: 1, temperature: 1, seed: 4, text: "o")],
            events: [EventRecord(step: 1, kind: "started", message: "now")])
        try store.save(checkpoint(step: 1, loss: 2, shape: [60, 50]), in: run.id, isBest: true, with: history)
        try store.save(checkpoint(step: 2, shape: [60, 50]), in: run.id, isBest: false)
        try store.saveCodes([StoredCode(name: "a.png", label: "a", step: 2, values: [1, 2, 3])], of: run.id)
        _ = try store.createText(title: name, text: "o", settings: Data("{}".utf8))
        try store.setStatus(.finished, of: run.id)
    }
    try store.close()
}

/// Reads all that a store holds, by every call there is.
func readAll(_ path: String) throws {
    let store = try CheckpointStore.open(at: path, access: .readOnly)
    defer { try? store.close() }
    do {
        _ = try store.run(.newestWithBest, kind: "charnn")
    } catch .noRuns, .noCheckpoint {
    }
    _ = try (store.texts(), store.allTexts())
    for run in try store.runs() {
        _ = try (store.owner(of: run.id), store.state(of: run), store.run(named: run.name))
        _ = try (run.configuration(as: Settings.self), run.corpus(as: CorpusNote.self))
        for summary in try store.checkpoints(of: run.id) {
            _ = try store.loadCheckpoint(.step(summary.step), of: run.id)
        }
        for selection in [CheckpointSelection.best, .latest] {
            do {
                _ = try store.loadCheckpoint(selection, of: run.id)
            } catch .noCheckpoint {
            }
        }
        _ = try (store.metrics(of: run.id), store.samples(of: run.id), store.events(of: run.id))
        _ = try (store.codes(of: run.id), store.lastStep(of: run.id))
    }
}
