import Foundation
import GRDB

extension CheckpointStore {
    static func openForWriting(_ file: StoreFile, _ options: StoreOptions) throws -> DatabaseQueue {
        let prepare: @Sendable (Database) throws -> Void = { database in
            try prepareNewFile(database)
            // GRDB's own setting for WAL writes to the file whenever it is opened, and turns `synchronous` down: a
            // commit could then be lost with the power. A file system without shared memory keeps its old journal.
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        let queue = try retrying(options) { secondsLeft in
            var configuration = configuration(options)
            configuration.busyMode = .timeout(secondsLeft)
            configuration.prepareDatabase(prepare)
            return try DatabaseQueue(path: file.absolutePath, configuration: configuration)
        }
        do {
            try queue.writeWithoutTransaction {
                try $0.execute(sql: "PRAGMA busy_timeout = \(Int(options.busyTimeout * 1000))")
            }
            try bringUpToDate(queue, file)
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
        let queue: DatabaseQueue
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch let error as DatabaseError where mode == .readOnly && error.resultCode == .SQLITE_CANTOPEN {
            throw StoreError.unreadable(
                path: file.path,
                reason: "it was not closed, and that cannot be made up for in a folder that is read-only. Copy it, "
                    + "together with \(file.path)-wal, to a folder you can write to")
        }
        do {
            if mode == .shared {
                try bringUpToDate(queue, file)
            } else {
                let found = try queue.read { try checkedVersion($0, path: file.path) }
                guard found > 0 else { throw StoreError.noStore(path: file.path) }
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

    /// Page size and auto-vacuum have an effect before the first table only, and before WAL. Another process may be
    /// doing the same: each of these statements changes nothing when it comes second.
    private static func prepareNewFile(_ database: Database) throws {
        let marks = try ["application_id", "schema_version"].map {
            try Int.fetchOne(database, sql: "PRAGMA \($0)")
        }
        guard marks == [0, 0] else { return }
        try database.execute(sql: "PRAGMA page_size = \(Schema.pageSize)")
        try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
        try database.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
    }

    private static func bringUpToDate(_ queue: DatabaseQueue, _ file: StoreFile) throws {
        func version() throws -> Int { try queue.read { try checkedVersion($0, path: file.path) } }
        var found = try version()
        while found < Schema.version {
            do {
                try Schema.migrator.migrate(queue)
            } catch let error as DatabaseError {
                // GRDB asks what there is to do before it locks the file: another process may have done it since.
                guard try version() > found else { throw error }
            }
            found = try version()
        }
    }

    private static func checkedVersion(_ database: Database, path: String) throws -> Int {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard found <= Schema.version else {
            throw StoreError.newerSchema(path: path, found: found, supported: Schema.version)
        }
        return found
    }

    /// Entering WAL takes an exclusive lock and does not wait for it as other statements do: when two processes
    /// create a store at once, one of them tries again. Where statements do wait, they share the time that there is.
    private static func retrying<Result>(
        _ options: StoreOptions, _ body: (_ secondsLeft: Double) throws -> Result
    ) throws -> Result {
        let start = ContinuousClock.now, pause = 0.02
        while true {
            let passed = (ContinuousClock.now - start).components
            let secondsLeft = options.busyTimeout - Double(passed.seconds) - Double(passed.attoseconds) * 1e-18
            do {
                return try body(max(0, secondsLeft))
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && secondsLeft > pause {
                Thread.sleep(forTimeInterval: pause)
            }
        }
    }
}
