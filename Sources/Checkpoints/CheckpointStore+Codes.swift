import Foundation
import GRDB

extension CheckpointStore {
    /// Keeps codes with a run, in one transaction. One of a name that the run has already replaces it.
    ///
    /// - Returns: how many were replaced.
    /// - Throws: `runRemoved`, `full`, `locked`.
    @discardableResult
    package func saveCodes(_ codes: [StoredCode], of id: Run.ID) throws(StoreError) -> Int {
        guard !codes.isEmpty else { return 0 }
        return try writeIntoFile { database in
            _ = try fetchRun(database, id)
            func stored() throws -> Int {
                try Int.fetchOne(database, sql: "SELECT count(*) FROM code WHERE run_id = ?", arguments: [id.rawValue])
                    ?? 0
            }
            let before = try stored()
            let insertion = try database.makeStatement(
                sql: """
                    INSERT INTO code (run_id, name, label, step, length, crc32, data)
                    VALUES (?, ?, ?, ?, ?, ?, ifnull(?, x''))
                    ON CONFLICT (run_id, name) DO UPDATE SET
                        label = excluded.label, step = excluded.step, length = excluded.length, data = excluded.data,
                        crc32 = excluded.crc32
                    """)
            for code in codes {
                let data = code.values.withUnsafeBytes { Data($0) }
                try insertion.execute(arguments: [
                    id.rawValue, code.name, code.label, code.step, code.values.count, Checksum.crc32(data), data,
                ])
            }
            return try before + codes.count - stored()
        }
    }

    /// Removes the codes of a run whose names, in bytes, are not among these, in one transaction.
    ///
    /// - Returns: how many there were.
    /// - Throws: `runRemoved`, `full`, `locked`.
    package func removeCodes(of id: Run.ID, except names: Set<[UInt8]>) throws(StoreError) -> Int {
        return try writeIntoFile { database in
            _ = try fetchRun(database, id)
            let all = try Row.fetchAll(
                database, sql: "SELECT id, CAST(name AS BLOB) AS name FROM code WHERE run_id = ?",
                arguments: [id.rawValue])
            let others = all.filter { !names.contains(Array($0["name"] as Data)) }
            for other in others {
                try database.execute(sql: "DELETE FROM code WHERE id = ?", arguments: [other["id"] as Int64])
            }
            return others.count
        }
    }

    /// The codes of a run, in byte order of name.
    package func codes(of id: Run.ID) throws(StoreError) -> [StoredCode] {
        try read { database in
            // A file that is read only may be older than this table.
            guard try database.tableExists("code") else { return [] }
            return try StoredRow.fetchAll(
                database, "code", "WHERE run_id = ? ORDER BY name", [id.rawValue], path: path
            ).map { try code(from: $0) }
        }
    }

    /// Differs from what it was where codes of the run have been added, removed or replaced since. Costs a pass over the
    /// rows, without their numbers.
    package func codesVersion(of id: Run.ID) throws(StoreError) -> String {
        try read { database in
            // A file that is read only may be older than this table, or than its checksums.
            guard try database.tableExists("code") else { return "" }
            let hasChecksums = try database.columns(in: "code").contains { $0.name == "crc32" }
            let row =
                "id || '/' || ifnull(label, '') || '/' || step"
                + (hasChecksums ? " || '/' || ifnull(crc32, 0)" : "")
            return try String.fetchOne(
                database,
                sql: """
                    SELECT count(*) || ' ' || ifnull(max(id), 0) || ' ' || ifnull(sum(crc32(\(row))), 0)
                    FROM code WHERE run_id = ?
                    """, arguments: [id.rawValue]) ?? ""
        }
    }

    func code(from row: StoredRow) throws(StoreError) -> StoredCode {
        let data = try row.verifiedData("data"), length = try row.integer("length")
        guard data.count == length * MemoryLayout<Float>.stride else {
            throw row.unexpected("data", "\(length) numbers of four bytes")
        }
        let values = [Float](unsafeUninitializedCapacity: length) { buffer, initialized in
            _ = data.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
            initialized = length
        }
        return StoredCode(
            name: try row.text("name"), label: try row.optionalText("label"), step: try row.integer("step"),
            values: values)
    }
}

/// The code of one picture, as the store keeps it.
package struct StoredCode: Sendable, Equatable {
    /// The picture's name, unique in its run.
    package var name: String
    /// Its class, where it has one.
    package var label: String?
    /// The step whose weights encoded it.
    package var step: Int
    package var values: [Float]

    package init(name: String, label: String?, step: Int, values: [Float]) {
        (self.name, self.label, self.step, self.values) = (name, label, step, values)
    }
}
