import Foundation
import GRDB

extension CheckpointStore {
    static func openForWriting(_ file: StoreFile, _ options: StoreOptions) throws -> DatabaseQueue {
        var configuration = configuration(options)
        configuration.journalMode = .wal
        configuration.prepareDatabase { database in try prepareNewFile(database, path: file.path) }
        let queue = try retrying(options) { try DatabaseQueue(path: file.absolutePath, configuration: configuration) }
        do {
            try bringUpToDate(queue, file)
            // GRDB turns it down to NORMAL with WAL: a commit could then be lost with the power.
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        } catch {
            try? queue.close()
            throw error
        }
        return queue
    }

    static func openForReading(_ file: StoreFile, _ options: StoreOptions) throws -> DatabaseQueue {
        var configuration = configuration(options)
        let mode = file.readingMode
        configuration.readonly = mode != .shared
        let path = mode == .immutable ? file.immutableURI : file.absolutePath
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        do {
            if mode == .shared {
                try bringUpToDate(queue, file)
            } else {
                let found = try queue.read { try checkedVersion($0, path: file.path) }
                guard found == Schema.version else {
                    throw StoreError.olderSchema(path: file.path, found: found, supported: Schema.version)
                }
            }
        } catch {
            try? queue.close()
            throw error
        }
        return queue
    }

    private static func configuration(_ options: StoreOptions) -> Configuration {
        var configuration = Configuration()
        configuration.label = "Checkpoints"
        configuration.busyMode = .timeout(options.busyTimeout)
        configuration.prepareDatabase { database in
            // Some builds of SQLite write zeros over everything that is deleted.
            try database.execute(sql: "PRAGMA secure_delete = OFF")
            try options.prepare?(database)
        }
        return configuration
    }

    /// Page size and auto-vacuum have an effect before the first table only, and before WAL.
    private static func prepareNewFile(_ database: Database, path: String) throws {
        guard try Int.fetchOne(database, sql: "PRAGMA page_count") == 0 else { return }
        try database.execute(sql: "PRAGMA page_size = \(Schema.pageSize)")
        try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
        try database.inTransaction(.immediate) {
            // Another process may have come first: then this changes nothing.
            try database.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
            return .commit
        }
    }

    private static func bringUpToDate(_ queue: DatabaseQueue, _ file: StoreFile) throws {
        let found = try queue.read { try checkedVersion($0, path: file.path) }
        if found < Schema.version { try Schema.migrator.migrate(queue) }
    }

    private static func checkedVersion(_ database: Database, path: String) throws -> Int {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard found <= Schema.version else {
            throw StoreError.newerSchema(path: path, found: found, supported: Schema.version)
        }
        return found
    }

    /// Entering WAL takes an exclusive lock and does not wait for it as other statements do: when two processes
    /// create a store at once, one of them tries again.
    private static func retrying<Result>(_ options: StoreOptions, _ body: () throws -> Result) throws -> Result {
        let pause = 0.02
        var attempts = Int(options.busyTimeout / pause)
        while true {
            do {
                return try body()
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && attempts > 0 {
                attempts -= 1
                Thread.sleep(forTimeInterval: pause)
            }
        }
    }
}
