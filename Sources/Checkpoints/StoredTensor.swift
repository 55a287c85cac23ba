import Foundation
import GRDB
import TensorCore

/// The rows of one tensor, before its numbers are read. What a damaged store says is checked before anything is
/// allocated.
struct StoredTensor {
    let section: Checkpoint.Section
    let name: String
    let shapeText: String
    let chunkCount: Int
    let lastChunk: Int
    let byteCount: Int
    let shapeCount: Int

    /// All tensors of a checkpoint, by section and in their order in it. Reads no BLOB.
    static func fetchAll(_ database: Database, checkpoint: Int64) throws -> [StoredTensor] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT section, name, min(shape) AS shape, count(DISTINCT shape) AS shapes, count(*) AS chunks,
                       max(chunk) AS last, sum(length(data)) AS bytes
                FROM tensor WHERE checkpoint_id = ?
                GROUP BY section, name ORDER BY section, position
                """,
            arguments: [checkpoint]
        ).compactMap { row in
            Checkpoint.Section(rawValue: row["section"]).map { section in
                StoredTensor(
                    section: section, name: row["name"], shapeText: row["shape"], chunkCount: row["chunks"],
                    lastChunk: row["last"], byteCount: row["bytes"], shapeCount: row["shapes"])
            }
        }
    }

    /// - Throws: through `damage`, with what is wrong.
    func read(_ database: Database, checkpoint: Int64, damage: (String) -> StoreError) throws -> Tensor {
        let shape = try validatedShape(damage: damage)
        var tensor = Tensor(uninitialized: shape)
        var offset = 0
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT data FROM tensor WHERE checkpoint_id = ? AND section = ? AND name = ? ORDER BY chunk",
            arguments: [checkpoint, section.rawValue, name])
        try tensor.withUnsafeMutablePointer { pointer in
            let memory = UnsafeMutableRawBufferPointer(start: pointer, count: byteCount)
            while let row = try rows.next() {
                try row.withUnsafeData(atIndex: 0) { data in
                    guard let data, !data.isEmpty else { return }
                    guard offset + data.count <= byteCount else { throw damage("its rows changed while it was read") }
                    data.copyBytes(to: UnsafeMutableRawBufferPointer(rebasing: memory[offset...]))
                    offset += data.count
                }
            }
        }
        guard offset == byteCount else { throw damage("its rows changed while it was read") }
        return tensor
    }

    private func validatedShape(damage: (String) -> StoreError) throws -> Shape {
        guard shapeCount == 1, let dimensions = try? JSONDecoder().decode([Int].self, from: Data(shapeText.utf8)),
            dimensions.allSatisfy({ $0 >= 0 })
        else { throw damage("'\(shapeText)' is not a shape, or its rows disagree on it") }
        guard chunkCount == lastChunk + 1 else {
            throw damage("it has \(chunkCount) rows, and the last has number \(lastChunk)")
        }
        var expected = 4
        for dimension in dimensions {
            let (product, overflow) = expected.multipliedReportingOverflow(by: dimension)
            guard !overflow else { throw damage("a shape of \(shapeText) is larger than any memory") }
            expected = product
        }
        guard expected == byteCount else {
            throw damage("a shape of \(shapeText) takes \(expected) bytes, and it has \(byteCount)")
        }
        return Shape(dimensions)
    }
}
