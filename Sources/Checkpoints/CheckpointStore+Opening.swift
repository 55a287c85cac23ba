import Foundation
import GRDB

extension CheckpointStore {
    static func openForWriting(_ file: StoreFile, _ options: StoreOptions) throws -> DatabaseQueue {
        try withRoom { try openForWriting(file, options, sharesMemory: $0) }
    }

    /// The memory that the users of a store share is a file beside it. On a full disk there may be no room for it, and
    /// none is needed by one who is alone.
    private static func withRoom(_ open: (_ sharesMemory: Bool) throws -> DatabaseQueue) throws -> DatabaseQueue {
        do {
            return try open(true)
        } catch let error as DatabaseError where StoreError.isWantOfSharedMemory(error.extendedResultCode) {
            return try open(false)
        }
    }

    private static func openForWriting(
        _ file: StoreFile, _ options: StoreOptions, sharesMemory: Bool
    ) throws -> DatabaseQueue {
        let prepare: @Sendable (Database) throws -> Void = { database in
            try prepareNewFile(database)
            // GRDB's own setting for WAL writes to the file whenever it is opened, and turns `synchronous` down: a
            // commit could then be lost with the power. A file system without shared memory keeps its old journal.
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        let queue = try retrying(options) { secondsLeft in
            var configuration = StoreConnection.configuration(options, sharesMemory: sharesMemory)
            configuration.busyMode = .timeout(secondsLeft)
            configuration.prepareDatabase(prepare)
            return try DatabaseQueue(path: file.uri(), configuration: configuration)
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

    /// - Returns: also how the file was, if it was opened as one that nobody changes.
    static func openForReading(
        _ file: StoreFile, _ options: StoreOptions
    ) throws -> (queue: DatabaseQueue, state: StoreFile.State?) {
        var attempts = 30
        while true {
            let mode = file.readingMode, state = file.state
            do {
                return (try openForReading(file, mode, options), mode == .immutable ? state : nil)
            } catch  where mode == .immutable && file.state != state && attempts > 0 {
                // Somebody has just begun to write.
            } catch let error as DatabaseError where mode == .readOnly && Self.isForWantOfRights(error) {
                // Who has it open may be about to close it, or to make the files that go with it.
                guard attempts > 0 else {
                    throw StoreError.unreadable(
                        path: file.path,
                        reason: "it was not closed, and that cannot be made up for in a folder that is read-only. "
                            + "Copy it, together with \(file.path)-wal, to a folder you can write to")
                }
            }
            attempts -= 1
            Thread.sleep(forTimeInterval: 0.01)
        }
    }

    private static func isForWantOfRights(_ error: DatabaseError) -> Bool {
        [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode.primaryResultCode)
    }

    private static func openForReading(
        _ file: StoreFile, _ mode: StoreFile.ReadingMode, _ options: StoreOptions
    ) throws -> DatabaseQueue {
        let queue = try withRoom { sharesMemory in
            var configuration = StoreConnection.configuration(options, sharesMemory: sharesMemory)
            configuration.readonly = mode != .shared
            return try DatabaseQueue(path: file.uri(immutable: mode == .immutable), configuration: configuration)
        }
        do {
            guard try queue.read({ try Schema.checkedVersion($0, path: file.path) }) > 0 else {
                throw StoreError.noStore(path: file.path)
            }
            // One that cannot be written to is read as it is: columns that came later are absent.
            if mode == .shared { try bringUpToDate(queue, file) }
        } catch {
            try? queue.close()
            throw error
        }
        return queue
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
        func version() throws -> Int { try queue.read { try Schema.checkedVersion($0, path: file.path) } }
        var found = try version()
        while found < Schema.version {
            let before = found
            do {
                try Schema.migrator.migrate(queue)
            } catch let error as DatabaseError {
                // GRDB asks what there is to do before it locks the file: another process may have done it since.
                guard try version() > before else { throw error }
            }
            found = try version()
            guard found > before else {
                throw StoreError.corrupt(path: file.path, detail: "it cannot be brought up from schema \(found)")
            }
        }
    }

    /// Entering WAL takes an exclusive lock and does not wait for it as other statements do: when two processes
    /// create a store at once, one of them tries again. Where statements do wait, they share the time that there is.
    private static func retrying<Result>(
        _ options: StoreOptions, _ body: (_ secondsLeft: Double) throws -> Result
    ) throws -> Result {
        let start = ContinuousClock.now, pause = 0.02
        while true {
            let secondsLeft = options.busyTimeout - (ContinuousClock.now - start) / .seconds(1)
            do {
                return try body(max(0, secondsLeft))
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && secondsLeft > pause {
                Thread.sleep(forTimeInterval: pause)
            }
        }
    }
}
