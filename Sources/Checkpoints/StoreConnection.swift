import CSQLiteGuards
import Foundation
package import GRDB
import Requirements

/// How every connection to a store is set up.
enum StoreConnection {
    /// - Parameter sharesMemory: false for one who is alone with the store, and needs no room for shared memory.
    static func configuration(_ options: StoreOptions, sharesMemory: Bool = true) -> Configuration {
        var configuration = Configuration()
        configuration.label = "Checkpoints"
        configuration.busyMode = .timeout(options.busyTimeout)
        configuration.prepareDatabase { database in
            try guardAgainstSchema(database)
            if !sharesMemory { try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
            // Some builds of SQLite write zeros over everything that is deleted.
            try database.execute(sql: "PRAGMA secure_delete = OFF")
            database.add(function: crc32)
            try options.prepare?(database)
        }
        return configuration
    }

    /// A file is data. Nothing that stands in its schema runs with rights of this program, no statement can spoil the
    /// file on purpose, and what a damaged page says of its cells is looked at before they are read.
    static func guardAgainstSchema(_ database: Database) throws {
        let code = jacquard_guard_connection(database.sqliteConnection.map { UnsafeMutableRawPointer($0) })
        guard code == 0 else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        try database.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0")
    }

    /// `crc32(text)` in SQL, for columns that go with one of text.
    private static let crc32 = DatabaseFunction("crc32", argumentCount: 1, pure: true) { values in
        String.fromDatabaseValue(values[0]).map { Checksum.crc32($0) }
    }
}

/// Settings of a store that only tests change.
package struct StoreOptions: Sendable {
    /// Seconds to wait for another process before giving up.
    package var busyTimeout: Double
    /// Bytes of a tensor in one row. SQLite ends a BLOB at 1 GB, and one of its connections holds a whole row.
    package var chunkBytes: Int
    /// The process in whose name runs are taken; nil for this one.
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

/// Finds the path of the store.
package enum StorePath {
    /// Relative to the folder in which a command is started.
    package static let standard = "checkpoints/jacquard.sqlite"
    package static let environmentVariable = "JACQUARD_STORE"

    /// The path a user asked for: `--store` before `JACQUARD_STORE` before the standard place. An empty text counts
    /// as not given.
    package static func resolve(option: String?, environment: [String: String]) -> String {
        for candidate in [option, environment[environmentVariable]] {
            if let candidate, !candidate.isEmpty { return candidate }
        }
        return standard
    }
}
