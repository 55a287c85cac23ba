import Foundation
import GRDB
import Requirements
import TensorCore

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
