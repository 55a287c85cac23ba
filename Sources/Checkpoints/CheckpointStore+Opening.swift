import FileTrees
import Foundation
import GRDB

/// A store's file as it was opened.
struct OpenedFile {
    let queue: DatabaseQueue
    /// Whether nobody else can use the file meanwhile.
    let isAlone: Bool
    /// How the file was when it was opened as one that nobody changes; nil if it was opened otherwise.
    var state: StoreFile.State?
}

extension CheckpointStore {
    static func openForWriting(_ file: StoreFile, _ options: StoreOptions) throws -> OpenedFile {
        try withRoom(for: file) { try openForWriting(file, options, sharesMemory: $0) }
    }

    /// The memory that the users of a store share is a file beside it. On a full disk there may be no room for it, and
    /// none is needed by one who is alone. Nor is it shared with those who know the file by another name, and have a log
    /// of that name: locks are the file's, and whoever is alone is so under all of its names.
    private static func withRoom(
        for file: StoreFile, _ open: (_ sharesMemory: Bool) throws -> DatabaseQueue
    ) throws -> OpenedFile {
        guard !file.hasOtherNames else { return OpenedFile(queue: try open(false), isAlone: true) }
        do {
            return OpenedFile(queue: try open(true), isAlone: false)
        } catch let error as DatabaseError where StoreError.isWantOfSharedMemory(error.extendedResultCode) {
            do {
                let opened = OpenedFile(queue: try open(false), isAlone: true)
                // What there was room for, which nobody uses.
                _ = file.beside("-shm").withCString { unlink($0) }
                return opened
            } catch let second as DatabaseError where second.resultCode == .SQLITE_BUSY {
                // With room for the memory nobody would have been in the way.
                throw error
            }
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
    ) throws -> OpenedFile {
        var attempts = 30
        while true {
            let mode = file.readingMode, state = file.state
            do {
                var opened = try openForReading(file, mode, options)
                if mode == .immutable { opened.state = state }
                return opened
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
    ) throws -> OpenedFile {
        guard mode == .shared else {
            // Who cannot write cannot keep others out either.
            return OpenedFile(queue: try openForReading(file, mode, options, sharesMemory: true), isAlone: false)
        }
        return try withRoom(for: file) { try openForReading(file, mode, options, sharesMemory: $0) }
    }

    private static func openForReading(
        _ file: StoreFile, _ mode: StoreFile.ReadingMode, _ options: StoreOptions, sharesMemory: Bool
    ) throws -> DatabaseQueue {
        var configuration = StoreConnection.configuration(options, sharesMemory: sharesMemory)
        configuration.readonly = mode != .shared
        let queue = try DatabaseQueue(path: file.uri(immutable: mode == .immutable), configuration: configuration)
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
