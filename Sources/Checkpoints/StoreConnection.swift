import CSQLiteGuards
import Foundation
import GRDB

/// What every connection to a store is given.
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
