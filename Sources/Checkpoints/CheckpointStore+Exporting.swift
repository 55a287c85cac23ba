import Foundation
import GRDB

extension CheckpointStore {
    /// Copies one run into a new store, as it is at this moment; others may go on writing. A copy of a run that is
    /// still running is marked as interrupted. The corpus keeps the names of its files and not their folders, which
    /// say nothing elsewhere.
    ///
    /// - Parameters:
    ///   - id: the run.
    ///   - destination: through links, the file they lead to.
    ///   - weightsOnly: the best checkpoint only (the latest if none is best), without optimizer slots and carried
    ///     state: what is needed to use the model, not to train it further.
    ///   - overwrite: replaces a file that is there, unless it is a store that somebody has open.
    /// - Throws: `exportExists`, `storeItself`, `folder`, `notAFile`, `inUse`, `besideIt`, `noCheckpoint`,
    ///   `damagedTensor`, `damagedValue`, `notWritable`, `full`; nothing is left behind then, and no other file was touched.
    public func export(
        _ id: Run.ID, to destination: String, weightsOnly: Bool = false, overwrite: Bool = false
    ) throws(StoreError) {
        let target = StoreFile(destination)
        guard !target.isSameFile(as: StoreFile(path)) else { throw .storeItself(path: destination) }
        try target.requireNoOtherKind()
        guard overwrite || !target.isThere else { throw .exportExists(path: destination) }
        try target.prepareFolder()
        let unfinished = try UnfinishedStore(for: target)
        var finished = false
        defer { if !finished { unfinished.remove() } }
        try translating(path: destination, busyTimeout: options.busyTimeout) {
            try unfinished.naming(destination) {
                let copy = try CheckpointStore.open(at: unfinished.file.path, access: .readWrite, options: options)
                do {
                    try read { source in
                        try copy.write { try copyRun(id, from: source, to: $0, weightsOnly: weightsOnly) }
                    }
                    try copy.closeAsOneFile()
                } catch {
                    try? copy.close()
                    throw error
                }
                try unfinished.takePlace(overwrite: overwrite, busyTimeout: options.busyTimeout)
            }
        }
        finished = true
    }

    private func copyRun(_ id: Run.ID, from source: Database, to target: Database, weightsOnly: Bool) throws {
        // Nothing, unless reading had to begin again.
        try target.execute(sql: "DELETE FROM run")
        try copyRows(of: fetchRun(source, id), from: source, to: target, weightsOnly: weightsOnly)
        try target.execute(sql: "UPDATE run SET status = 'interrupted' WHERE status = 'running'")
        try Self.forgetFolders(target)
        if weightsOnly {
            try target.execute(
                sql: """
                    UPDATE checkpoint SET is_latest = 1, tensor_count =
                        (SELECT count(*) FROM (SELECT DISTINCT section, name FROM tensor WHERE checkpoint_id = id))
                    """)
        }
    }

    /// Everything that belongs to a run; with `weightsOnly` the tensors that a model consists of, of one checkpoint.
    func copyRows(of run: Run, from source: Database, to target: Database, weightsOnly: Bool) throws {
        let id = run.id
        try copy("run", "WHERE id = ?", [id.rawValue], from: source, to: target)
        for table in ["metric", "sample", "event", "code"] where try source.tableExists(table) {
            try copy(table, "WHERE run_id = ?", [id.rawValue], from: source, to: target)
        }
        var checkpoints = try Int64.fetchAll(
            source, sql: "SELECT id FROM checkpoint WHERE run_id = ? ORDER BY is_best DESC, id DESC",
            arguments: [id.rawValue])
        if weightsOnly {
            guard let first = checkpoints.first else {
                throw StoreError.noCheckpoint(run: run.name, wanted: "best", path: path)
            }
            checkpoints = [first]
        }
        for checkpoint in checkpoints {
            try copy("checkpoint", "WHERE id = ?", [checkpoint], from: source, to: target)
            let sections = weightsOnly ? "AND section IN ('parameter', 'buffer')" : ""
            try copy("tensor", "WHERE checkpoint_id = ? \(sections)", [checkpoint], from: source, to: target)
        }
    }

    /// Leaves of each path of the corpus only its last part, which stands behind the last slash.
    private static func forgetFolders(_ target: Database) throws {
        for key in ["$.paths", "$.held_out_paths"] {
            try target.execute(
                sql: """
                    UPDATE run SET corpus = json_replace(corpus, ?1, json((
                        SELECT json_group_array(replace(value, rtrim(value, replace(value, '/', '')), ''))
                        FROM json_each(corpus, ?1))))
                    WHERE json_type(corpus, ?1) = 'array'
                    """,
                arguments: [key])
        }
        try target.execute(sql: "UPDATE run SET corpus_crc32 = crc32(corpus)")
    }

    /// All that belongs to no run.
    func copyTexts(from source: Database, to target: Database) throws {
        try target.execute(sql: "DELETE FROM text")
        guard try source.tableExists("text") else { return }
        try copy("text", "ORDER BY id", [], from: source, to: target)
    }

    /// Row by row: one row of a tensor is all that is in memory. What goes wrong says in which of the two files.
    private func copy(
        _ table: String, _ condition: String, _ arguments: StatementArguments, from source: Database,
        to target: Database
    ) throws {
        // A source that is read only may be older than some columns.
        let present = try Set(source.columns(in: table).map(\.name))
        let columns = try target.columns(in: table).map(\.name).filter(present.contains)
        let list = columns.joined(separator: ", "), selection = columns.map(Schema.selection).joined(separator: ", ")
        let marks = columns.map(Schema.placeholder).joined(separator: ", ")
        let insertion = try target.makeStatement(sql: "INSERT INTO \(table) (\(list)) VALUES (\(marks))")
        let rows = try Row.fetchCursor(
            source, sql: "SELECT \(selection) FROM \(table) \(condition)", arguments: arguments)
        func next() throws(StoreError) -> Row? {
            try translating(path: path, busyTimeout: options.busyTimeout) { try rows.next() }
        }
        while let row = try next() {
            try verify(StoredRow(row: row, table: table, path: path))
            try insertion.execute(arguments: StatementArguments(row.databaseValues))
        }
    }

    /// Checks the checksums of a row, so that what is damaged is not copied.
    private func verify(_ row: StoredRow) throws(StoreError) {
        switch row.table {
        case "run": _ = try run(from: row)
        case "checkpoint": _ = try row.verifiedText("state")
        case "tensor": _ = try row.verifiedData("data")
        case "metric": _ = try metric(from: row)
        case "sample": _ = try sample(from: row)
        case "event": _ = try event(from: row)
        case "code": _ = try code(from: row)
        case "text": _ = try text(from: row)
        default: break
        }
    }
}
