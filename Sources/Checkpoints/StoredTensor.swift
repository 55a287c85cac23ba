import Foundation
import GRDB
import Requirements
import TensorCore

/// The rows of one tensor. What a damaged store says is checked before anything is allocated: the rows are complete,
/// they agree on a shape, and its numbers take as many bytes as the rows have.
struct StoredTensor {
    /// One row of the table, found again by its number: the record itself then says what it holds, not an index.
    struct Piece {
        let rowID: Int64
        let byteCount: Int
    }

    let section: Checkpoint.Section
    let name: String
    let shape: Shape
    let shapeText: String
    /// The rows of the tensor, in the order of the column `chunk`.
    let pieces: [Piece]
    let byteCount: Int

    /// An error about a tensor, from its name and what is wrong.
    typealias Damage = (_ name: String, _ reason: String) -> StoreError

    /// All tensors of a checkpoint, by section and in their order in it. Reads no BLOB.
    ///
    /// - Throws: through `damage`; or `damagedValue`.
    static func fetchAll(
        _ database: Database, checkpoint: Int64, path: String, damage: Damage
    ) throws -> [StoredTensor] {
        let rows = try StoredRow.fetchAll(
            database, "tensor", "WHERE checkpoint_id = ? ORDER BY section, position, name, chunk", [checkpoint],
            columns: "rowid, section, name, shape, chunk, typeof(data) AS type, length(data) AS length", path: path)
        var tensors: [StoredTensor] = [], first = rows.startIndex
        while first < rows.endIndex {
            let name = try rows[first].text("name"), section = try rows[first].text("section")
            var end = first
            while end < rows.endIndex, try rows[end].text("name") == name, try rows[end].text("section") == section {
                end += 1
            }
            tensors.append(try StoredTensor(rows[first..<end], section, name, damage: { damage(name, $0) }))
            first = end
        }
        guard Set(tensors.map(\.key)).count == tensors.count else {
            throw damage("?", "a tensor has rows of several positions")
        }
        let size = try fileSize(database)
        for tensor in tensors where tensor.byteCount > size {
            throw damage(tensor.name, "its \(tensor.byteCount) bytes are more than the file holds")
        }
        return tensors
    }

    private var key: [String] { [section.rawValue, name] }

    private init(
        _ rows: ArraySlice<StoredRow>, _ section: String, _ name: String, damage: (String) -> StoreError
    ) throws {
        guard let section = Checkpoint.Section(rawValue: section) else {
            throw damage("'\(section)' is not a section of a checkpoint")
        }
        var pieces: [Piece] = [], byteCount = 0, shapeText: String?
        for (index, row) in rows.enumerated() {
            guard try row.text("type") == "blob" else {
                throw damage("row \(index) holds \(try row.text("type")), not a BLOB")
            }
            let chunk = try row.integer("chunk"), text = try row.text("shape")
            guard chunk == index else { throw damage("where its row \(index) should be there is number \(chunk)") }
            guard text == shapeText ?? text else { throw damage("its rows disagree on its shape") }
            shapeText = text
            pieces.append(Piece(rowID: try row.identifier("rowid"), byteCount: try row.integer("length")))
            byteCount += pieces[index].byteCount
        }
        self.shapeText = shapeText ?? ""
        let shape = try Self.shape(self.shapeText, byteCount: byteCount, damage: damage)
        (self.section, self.name, self.shape) = (section, name, shape)
        (self.pieces, self.byteCount) = (pieces, byteCount)
    }

    private static func shape(_ text: String, byteCount: Int, damage: (String) -> StoreError) throws -> Shape {
        guard let dimensions = try? JSONDecoder().decode([Int].self, from: Data(text.utf8)),
            dimensions.allSatisfy({ $0 >= 0 })
        else { throw damage("'\(text.prefix(80))' is not a shape") }
        var expected = 4
        for dimension in dimensions {
            let (product, overflow) = expected.multipliedReportingOverflow(by: dimension)
            guard !overflow else { throw damage("a shape of \(text) is larger than any memory") }
            expected = product
        }
        guard expected == byteCount else {
            throw damage("a shape of \(text) takes \(expected) bytes, and it has \(byteCount)")
        }
        return Shape(dimensions)
    }

    private static func fileSize(_ database: Database) throws -> Int {
        let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        let (size, overflow) = pages.multipliedReportingOverflow(
            by: try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0)
        return overflow ? .max : size
    }

    /// The numbers, each row verified by its checksum; weights also to be finite.
    ///
    /// - Throws: through `damage`, with what is wrong.
    func read(
        _ database: Database, checkpoint: Int64, path: String, mustBeFinite: Bool = true,
        damage: (String) -> StoreError
    ) throws -> Tensor {
        var tensor = Tensor(uninitialized: shape)
        let statement = try database.cachedStatement(sql: "SELECT rowid, * FROM tensor WHERE rowid = ?")
        try tensor.withUnsafeMutablePointer { pointer in
            let memory = UnsafeMutableRawBufferPointer(start: pointer, count: byteCount)
            var offset = 0
            for (chunk, piece) in pieces.enumerated() {
                let rows = try Row.fetchCursor(statement, arguments: [piece.rowID])
                guard let row = try rows.next() else { throw damage("its row \(chunk) is missing") }
                let stored = StoredRow(row: row, table: "tensor", path: path)
                guard try isPiece(stored, chunk: chunk, of: checkpoint) else {
                    throw damage("where its row \(chunk) should be there is another one")
                }
                let target = UnsafeMutableRawBufferPointer(rebasing: memory[offset..<offset + piece.byteCount])
                try row.withUnsafeData(named: "data") { data in
                    guard (data?.count ?? 0) == target.count else { throw damage("its rows changed while it was read") }
                    data?.copyBytes(to: target)
                }
                offset += piece.byteCount
                if let expected = try stored.optionalInteger("crc32", in: Checksum.range) {
                    let found = Checksum.crc32(UnsafeRawBufferPointer(target))
                    guard found == expected else {
                        throw damage("the numbers of row \(chunk) have checksum \(found), and \(expected) was stored")
                    }
                }
            }
        }
        if mustBeFinite, [.parameter, .buffer].contains(section), let problem = Self.notFinite(tensor) {
            throw damage(problem)
        }
        return tensor
    }

    /// Whether a record is what the look-up promised: an index that is damaged leads to another tensor's.
    private func isPiece(_ row: StoredRow, chunk: Int, of checkpoint: Int64) throws -> Bool {
        try row.identifier("checkpoint_id") == checkpoint && row.text("section") == section.rawValue
            && row.text("name") == name && row.text("shape") == shapeText && row.integer("chunk") == chunk
    }

    /// What is wrong with weights of which some are infinite or not a number.
    private static func notFinite(_ tensor: Tensor) -> String? {
        tensor.withUnsafePointer { pointer in
            let values = UnsafeBufferPointer(start: pointer, count: tensor.count)
            // The exponents of what is not finite are all ones: the greatest of all magnitudes tells.
            var greatest: UInt32 = 0
            for value in values { greatest = max(greatest, value.bitPattern & 0x7fff_ffff) }
            guard greatest >= Float.infinity.bitPattern, let index = values.firstIndex(where: { !$0.isFinite }) else {
                return nil
            }
            return "its number \(index) is \(values[index])"
        }
    }
}

#if _endian(big)
    #error("tensors are copied to and from the store as they are in memory: little-endian")
#endif

/// Tensors to rows of the table `tensor`.
enum TensorRows {
    /// JSON without spaces, as in the column `shape`.
    static func text(of shape: Shape) -> String {
        "[" + shape.dimensions.map(String.init).joined(separator: ",") + "]"
    }

    static func insert(
        _ tensors: NamedTensors, section: Checkpoint.Section, checkpoint: Int64, chunkBytes: Int,
        into database: Database
    ) throws {
        let columns = "(checkpoint_id, section, name, position, shape, chunk, crc32, data)"
        let statement = try database.makeStatement(
            sql: "INSERT INTO tensor \(columns) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        // A BLOB of no length may have no address, and one without is bound as NULL.
        let emptyStatement = try database.makeStatement(
            sql: "INSERT INTO tensor \(columns) VALUES (?, ?, ?, ?, ?, 0, 0, x'')")
        for (position, (name, tensor)) in tensors.enumerated() {
            require(!name.utf8.contains(0), "the name of a tensor ends at a zero byte in SQLite: \(name)")
            let shape = text(of: tensor.shape), bytes = tensor.count * 4
            if bytes == 0 {
                try emptyStatement.execute(arguments: [checkpoint, section.rawValue, name, position, shape])
            }
            try tensor.withUnsafePointer { pointer in
                let memory = UnsafeMutableRawPointer(mutating: pointer)
                for (chunk, start) in stride(from: 0, to: bytes, by: chunkBytes).enumerated() {
                    let count = min(chunkBytes, bytes - start)
                    let data = Data(bytesNoCopy: memory + start, count: count, deallocator: .none)
                    let checksum = Checksum.crc32(UnsafeRawBufferPointer(start: memory + start, count: count))
                    try statement.execute(arguments: [
                        checkpoint, section.rawValue, name, position, shape, chunk, checksum, data,
                    ])
                }
            }
        }
    }
}
