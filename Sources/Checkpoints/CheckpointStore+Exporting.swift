import Foundation
import GRDB

extension CheckpointStore {
    /// Copies one run into a new store, as it is at this moment; others may go on writing. A copy of a run that is
    /// still running is marked as interrupted.
    ///
    /// - Parameters:
    ///   - weightsOnly: the best checkpoint only (the latest if none is best), without optimizer slots and carried
    ///     state: what is needed to use the model, not to train it further.
    ///   - overwrite: replaces a file that is there.
    /// - Throws: `exportExists`, `noCheckpoint`, `notWritable`, `full`; nothing is left behind then.
    public func export(
        _ id: Run.ID, to destination: String, weightsOnly: Bool = false, overwrite: Bool = false
    ) throws(StoreError) {
        let target = StoreFile(destination), partial = StoreFile(target.beside(".partial").text)
        guard !target.isSameFile(as: StoreFile(path)) else { throw .exportExists(path: destination) }
        if target.isThere {
            guard !target.isFolder else { throw .folder(path: destination) }
            guard overwrite else { throw .exportExists(path: destination) }
        }
        try target.prepareForWriting()
        Self.deleteFiles(of: partial)
        var finished = false
        defer { if !finished { Self.deleteFiles(of: partial) } }

        let copy = try CheckpointStore.open(at: partial.path, access: .readWrite, options: options)
        do {
            try read { source in
                try translating(path: destination, busyTimeout: options.busyTimeout) {
                    try copy.write { database in
                        try copyRun(id, from: source, to: database, weightsOnly: weightsOnly)
                    }
                }
            }
        } catch {
            try? copy.close()
            throw error
        }
        try copy.close()
        try partial.replace(target)
        finished = true
    }

    private func copyRun(_ id: Run.ID, from source: Database, to target: Database, weightsOnly: Bool) throws {
        let run = try fetchRun(source, id)
        try copy("run", "WHERE id = ?", [id.rawValue], from: source, to: target)
        try target.execute(sql: "UPDATE run SET status = 'interrupted' WHERE status = 'running'")
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
        let sections = weightsOnly ? "AND section IN ('parameter', 'buffer')" : ""
        for checkpoint in checkpoints {
            try copy("checkpoint", "WHERE id = ?", [checkpoint], from: source, to: target)
            try copy("tensor", "WHERE checkpoint_id = ? \(sections)", [checkpoint], from: source, to: target)
        }
        if weightsOnly {
            try target.execute(
                sql: """
                    UPDATE checkpoint SET is_latest = 1, tensor_count =
                        (SELECT count(*) FROM (SELECT DISTINCT section, name FROM tensor WHERE checkpoint_id = id))
                    """)
        }
    }

    /// Row by row: one row of a tensor is all that is in memory.
    private func copy(
        _ table: String, _ condition: String, _ arguments: StatementArguments, from source: Database,
        to target: Database
    ) throws {
        let columns = try target.columns(in: table).map(\.name)
        let list = columns.joined(separator: ", ")
        let rows = try Row.fetchCursor(
            source, sql: "SELECT \(list) FROM \(table) \(condition)", arguments: arguments)
        // A BLOB of no length may have no address, and one without is bound as NULL.
        let marks = columns.map { $0 == "data" ? "ifnull(?, x'')" : "?" }.joined(separator: ", ")
        let insertion = try target.makeStatement(sql: "INSERT INTO \(table) (\(list)) VALUES (\(marks))")
        while let row = try rows.next() {
            try insertion.execute(arguments: StatementArguments(row.databaseValues))
        }
    }

    private static func deleteFiles(of file: StoreFile) {
        for ending in ["", "-wal", "-shm"] { _ = file.beside(ending).withCString { unlink($0) } }
    }
}
