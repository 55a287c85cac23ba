import Foundation
import GRDB
import Synchronization

/// Runs, their checkpoints and their history in one SQLite file. `Documentation/CheckpointStore.md` describes it.
///
/// Any number of processes may read while others train into the same file. May be used from any thread; calls wait
/// for each other.
public final class CheckpointStore: Sendable {
    public enum Access: Sendable {
        case readOnly
        /// Creates the store, and the folder it is in, if need be.
        case readWrite
    }

    /// As given.
    public let path: String
    let options: StoreOptions
    // A queue, not a pool: a pool closes its readers last, and a last connection that can only read leaves the files
    // `-wal` and `-shm` beside the store.
    // Nil once closed: GRDB would go on to use a connection that is none.
    private let openQueue: Mutex<DatabaseQueue?>

    /// Opens a store, brings its schema up to date, and creates it when it is to be written to.
    ///
    /// - Throws: `noStore` when it is only to be read and does not exist (nothing is created); `notSQLite`,
    ///   `otherApplication`, `newerSchema`, `folder`, `notWritable`, `unreadable`, `locked`, `corrupt`.
    public static func open(at path: String, access: Access) throws(StoreError) -> CheckpointStore {
        try open(at: path, access: access, options: StoreOptions())
    }

    package static func open(
        at path: String, access: Access, options: StoreOptions
    ) throws(StoreError) -> CheckpointStore {
        let file = StoreFile(path)
        return try translating(path: path, busyTimeout: options.busyTimeout) {
            let content = try file.content()
            switch access {
            case .readOnly:
                guard content == .store else { throw StoreError.noStore(path: path) }
                return CheckpointStore(path, options, try openForReading(file, options))
            case .readWrite:
                try file.prepareForWriting()
                return CheckpointStore(path, options, try openForWriting(file, options))
            }
        }
    }

    private init(_ path: String, _ options: StoreOptions, _ queue: DatabaseQueue) {
        self.path = path
        self.options = options
        openQueue = Mutex(queue)
    }

    /// Closes the store; doing so again changes nothing. When nobody else has it open, what is left is one file.
    ///
    /// - Precondition: no other thread is in the middle of a call.
    public func close() throws(StoreError) {
        guard let queue = openQueue.withLock({ $0 }) else { return }
        try translating(path: path, busyTimeout: options.busyTimeout) { try queue.close() }
        openQueue.withLock { $0 = nil }
    }

    private var queue: DatabaseQueue {
        get throws(StoreError) {
            guard let queue = openQueue.withLock({ $0 }) else { throw .closed(path: path) }
            return queue
        }
    }

    package func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        try translating(path: path, busyTimeout: options.busyTimeout) {
            try queue.read { database in try body(database) }
        }
    }

    /// One transaction, which waits for its turn when it begins.
    func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        try translating(path: path, busyTimeout: options.busyTimeout) {
            try queue.write { database in try body(database) }
        }
    }

    /// Moves what has been written from the log into the store. A reader in the middle of something may be in the
    /// way: then the next call does it, or closing. Training never waits for long.
    func moveLogIntoStore() throws(StoreError) {
        try translating(path: path, busyTimeout: options.busyTimeout) {
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA busy_timeout = 50")
                do {
                    _ = try database.checkpoint(.truncate)
                } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {}
                try database.execute(sql: "PRAGMA busy_timeout = \(Int(options.busyTimeout * 1000))")
            }
        }
    }

    /// Returns pages that hold nothing any more to the file system.
    func shrink() throws(StoreError) {
        try translating(path: path, busyTimeout: options.busyTimeout) {
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA incremental_vacuum")
            }
        }
        try moveLogIntoStore()
    }
}
