import Foundation
import GRDB

extension CheckpointStore {
    /// Keeps codes with a run, in one transaction. One of a name that the run has already replaces it.
    ///
    /// - Throws: `runRemoved`, `full`, `locked`.
    public func saveCodes(_ codes: [StoredCode], of id: Run.ID) throws(StoreError) {
        guard !codes.isEmpty else { return }
        try write { database in
            _ = try fetchRun(database, id)
            let insertion = try database.makeStatement(
                sql: """
                    INSERT INTO code (run_id, name, label, step, length, data) VALUES (?, ?, ?, ?, ?, ifnull(?, x''))
                    ON CONFLICT (run_id, name) DO UPDATE SET
                        label = excluded.label, step = excluded.step, length = excluded.length, data = excluded.data
                    """)
            for code in codes {
                let data = code.values.withUnsafeBytes { Data($0) }
                try insertion.execute(arguments: [
                    id.rawValue, code.name, code.label, code.step, code.values.count, data,
                ])
            }
        }
    }

    /// The codes of a run, in byte order of name.
    public func codes(of id: Run.ID) throws(StoreError) -> [StoredCode] {
        try read { database in
            // A file that is read only may be older than this table.
            guard try database.tableExists("code") else { return [] }
            return try Row.fetchAll(
                database, sql: "SELECT * FROM code WHERE run_id = ? ORDER BY name", arguments: [id.rawValue]
            ).map { row in
                let data: Data = row["data"], length: Int = row["length"], name: String = row["name"]
                guard data.count == length * MemoryLayout<Float>.stride else {
                    throw StoreError.corrupt(
                        path: path, detail: "the code of '\(name)' has \(data.count) bytes for \(length) numbers")
                }
                let values = [Float](unsafeUninitializedCapacity: length) { buffer, initialized in
                    _ = data.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
                    initialized = length
                }
                return StoredCode(name: name, label: row["label"], step: row["step"], values: values)
            }
        }
    }
}
