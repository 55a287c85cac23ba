package import GRDB
import Requirements

/// What tests need to change.
package struct StoreOptions: Sendable {
    /// Seconds to wait for another process before giving up.
    package var busyTimeout: Double
    /// Bytes of a tensor in one row. SQLite ends a BLOB at 1 GB, and one of its connections holds a whole row.
    package var chunkBytes: Int
    /// Who takes runs; nil: this process.
    package var identity: ProcessIdentity?
    /// Called with every connection.
    package var prepare: (@Sendable (Database) throws -> Void)?

    package init(
        busyTimeout: Double = 10, chunkBytes: Int = 32 << 20, identity: ProcessIdentity? = nil,
        prepare: (@Sendable (Database) throws -> Void)? = nil
    ) {
        require(chunkBytes >= 4 && chunkBytes % 4 == 0, "\(chunkBytes) bytes are not whole numbers")
        self.busyTimeout = busyTimeout
        self.chunkBytes = chunkBytes
        self.identity = identity
        self.prepare = prepare
    }
}
