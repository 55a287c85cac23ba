import Autoencoders
import CZlib
import Checkpoints
import FileTrees
import Foundation
import GRDB
import Images
import LanguageModels
import TensorCore
import TextCorpora
import TrainingRuns

/// The small store that changes are made to: a run of either program, trained for a few steps, with codes and a text.
package struct StoreBase: Sendable {
    /// Steps of each run.
    static let steps = 6
    package static let shared: StoreBase = {
        do { return try StoreBase() } catch { fatalError("the store to begin with: \(error)") }
    }()

    private static let pageSize = 8192
    private let plain: [UInt8]
    /// The same, whose tables take any value in any column.
    private let loose: [UInt8]
    /// What the tables really say, by name.
    private let declarations: [String: String]

    private init() throws {
        let path = ScratchFolder.file("base.sqlite"), context = ComputeContext(threads: 1)
        StoreReading.remove(path)
        let store = try CheckpointStore.open(at: path, access: .readWrite)
        try Self.trainText(in: store, context)
        try Self.trainPictures(in: store, context)
        _ = try store.createText(
            title: "a title", text: "some text\n", settings: Data(#"{"temperature":0.8,"length":100}"#.utf8))
        try store.close()
        plain = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var declarations: [String: String] = [:]
        try Self.edit(path) { database in
            try database.execute(sql: "PRAGMA writable_schema = ON")
            for row in try Row.fetchAll(database, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'table'") {
                guard let name: String = row["name"], let sql: String = row["sql"], StoreChange.tables.contains(name)
                else { continue }
                declarations[name] = sql
                let loose = sql.replacing(" NOT NULL", with: "").replacing("STRICT, ", with: "")
                    .replacing(" STRICT", with: "").replacing(#/ CHECK \([^)]*\)\)/#, with: "")
                    .replacing(#/ (INTEGER|REAL|TEXT|BLOB)(?! PRIMARY)/#, with: "")
                try database.execute(
                    sql: "UPDATE sqlite_master SET sql = ? WHERE name = ? AND type = 'table'", arguments: [loose, name])
            }
        }
        loose = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        self.declarations = declarations
        StoreReading.remove(path)
    }

    private static func trainText(in store: CheckpointStore, _ context: ComputeContext) throws {
        var options = LanguageModelOptions()
        options.stack = try LayerSpecification.parse("lstm:3,gru:2:2")
        (options.embedding, options.lanes, options.window, options.steps) = (2, 2, 5, steps)
        (options.evaluateEvery, options.sampleEvery) = (2, 3)
        let text = (0..<40).map { "a line, number \($0)\n" }.joined()
        let corpus = try PreparedCorpus.read(
            [ScratchFolder.write(Array(text.utf8), "lines.txt")], reading: ReadingOptions(), options: options)
        let plan = try LanguageModelPlan.plan(for: corpus.summary, options: options)
        _ = try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: context).train()
    }

    private static func trainPictures(in store: CheckpointStore, _ context: ComputeContext) throws {
        let file = [0, 0, 8, 3, 0, 0, 0, 12, 0, 0, 0, 4, 0, 0, 0, 4] + (0..<192).map { UInt8($0 * $0 % 251) }
        var selection = PictureSelection(paths: [try ScratchFolder.write(file, "pictures.idx")])
        selection.rule = .count(3)
        var options = AutoencoderOptions()
        (options.code, options.channels, options.hidden, options.batch, options.steps) = (2, [2], 3, 4, steps)
        guard let pictures = try PreparedPictures.read(selection, in: context, components: { _ in 2 }) else {
            throw CancellationError()
        }
        let plan = try AutoencoderPlan.plan(for: pictures.summary, options: options)
        let training = try AutoencoderTraining(plan: plan, pictures: pictures, store: store, in: context)
        _ = try training.train()
        let step = try SavedAutoencoder.load(.named(training.run.name), from: store, in: context).step
        try store.saveCodes(
            (0..<3).map {
                StoredCode(name: "p\($0)", label: $0 == 1 ? "l" : nil, step: step, values: [0.5, Float($0)])
            },
            of: training.run.id)
    }

    // MARK: Changing

    /// Writes the store with these changes. Without any it is as the programs leave it.
    package func write(_ changes: [StoreChange], to path: String) throws {
        StoreReading.remove(path)
        let ofRows = changes.filter(\.isOfRows), url = URL(fileURLWithPath: path)
        var file = plain
        if !ofRows.isEmpty {
            try Data(loose).write(to: url)
            try Self.edit(path) { database in
                for change in ofRows {
                    do {
                        try Self.apply(change, to: database)
                    } catch DatabaseError.SQLITE_MISMATCH {
                        // The number of a row is a number in every schema.
                    }
                }
                try database.execute(sql: "PRAGMA writable_schema = ON")
                for (name, sql) in declarations {
                    try database.execute(
                        sql: "UPDATE sqlite_master SET sql = ? WHERE name = ? AND type = 'table'",
                        arguments: [sql, name])
                }
            }
            file = [UInt8](try Data(contentsOf: url))
        }
        for change in changes { change.apply(to: &file, pageSize: Self.pageSize) }
        StoreReading.remove(path)
        try Data(file).write(to: url)
    }

    private static func edit(_ path: String, _ body: (Database) throws -> Void) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = OFF")
            try body(database)
        }
        try queue.close()
    }

    private static let documents = [
        ("run", "configuration", 0), ("run", "corpus", 0), ("run", "configuration", 1), ("run", "corpus", 1),
        ("checkpoint", "state", 0), ("checkpoint", "state", 1), ("checkpoint", "state", 2), ("text", "settings", 0),
    ]

    private static func apply(_ change: StoreChange, to database: Database) throws {
        switch change {
        case .value(let table, let column, let row, let value):
            let table = StoreChange.tables[table]
            let columns = try database.columns(in: table).map(\.name), column = columns[column % columns.count]
            try update(table, column, row, "\(value)", in: database)
        case .number(let document, let index, let text):
            let (table, column, row) = documents[document]
            let old =
                try String.fetchOne(
                    database, sql: "SELECT CAST(\(column) AS TEXT) FROM \(table) LIMIT 1 OFFSET \(row)") ?? ""
            let numbers = old.ranges(of: #/-?[0-9][0-9.eE+-]*/#)
            guard !numbers.isEmpty else { return }
            var new = old
            new.replaceSubrange(numbers[index % numbers.count], with: text)
            try update(table, column, row, "'\(new.replacing("'", with: "''"))'", in: database)
        case .tensor(let row, let offset, let bytes):
            var data =
                try Data.fetchOne(
                    database, sql: "SELECT CAST(data AS BLOB) FROM tensor LIMIT 1 OFFSET \(row % 40)"
                ).map { [UInt8]($0) } ?? []
            if bytes.isEmpty { data += [0, 0, 0, 0] }
            for (index, byte) in bytes.enumerated() where 4 * offset + index < data.count {
                data[4 * offset + index] = byte
            }
            let digits = data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            try update("tensor", "data", row % 40, "x'\(digits)'", in: database)
        case .shape(let row, let shape): try update("tensor", "shape", row % 40, "'\(shape)'", in: database)
        case .removed(let table, let row):
            let table = StoreChange.tables[table], key = table == "metric" ? "(run_id, name, step)" : "rowid"
            let found = table == "metric" ? "run_id, name, step" : "rowid"
            try database.execute(
                sql: "DELETE FROM \(table) WHERE \(key) IN (SELECT \(found) FROM \(table) LIMIT 1 OFFSET \(row))")
        case .bytes, .page, .cut: break
        }
    }

    /// Gives a column of a row another value, an expression of SQL, and makes the row's checksum of it right.
    private static func update(
        _ table: String, _ column: String, _ row: Int, _ value: String, in database: Database
    ) throws {
        let isMetric = table == "metric", key = isMetric ? "(run_id, name, step)" : "rowid"
        let found = isMetric ? "run_id, name, step" : "rowid"
        let checksum = column == "data" ? "crc32" : "\(column)_crc32"
        var sum = ""
        if try database.columns(in: table).contains(where: { $0.name == checksum }),
            let bytes = try Data.fetchOne(database, sql: "SELECT CAST(\(value) AS BLOB)")
        {
            sum = ", \(checksum) = \(crc32(0, Array(bytes), UInt32(bytes.count)))"
        }
        try database.execute(
            sql: "UPDATE OR IGNORE \(table) SET \(column) = \(value)\(sum) WHERE \(key) IN "
                + "(SELECT \(found) FROM \(table) LIMIT 1 OFFSET \(row))")
    }
}
