import FileTrees
import Foundation
package import GRDB
import Synchronization

/// Runs, their checkpoints and their history in one SQLite file. `Documentation/CheckpointStore.md` describes it.
///
/// Any number of processes may read while others train into the same file, but a run is trained by one at a
/// time. May be used from any thread; calls wait for each other.
public final class CheckpointStore: Sendable {
    /// What a store is opened for.
    public enum Access: Sendable {
        /// To read only: nothing is created, and no run is changed. A store that an older version wrote is brought up to
        /// date all the same, if its file can be written to.
        case readOnly
        /// Creates the store, and the folder it is in, if need be.
        case readWrite
    }

    /// The path that the store was opened at, as it was given.
    public let path: String
    private let access: Access
    let options: StoreOptions
    /// The file that was opened, wherever its path leads by now.
    let fileIdentity: FileIdentity
    /// The tokens by which this store owns the runs that it has taken, by the runs' ids.
    let tokens = Mutex<[Int64: String]>([:])
    /// What is to be done when the transaction is committed that a thread is in. GRDB's own way would do it after another
    /// transaction, if a disk fails in the commit of this one.
    private let whenCommitted = Mutex<[@Sendable () -> Void]>([])
    private let connection: Mutex<Connection>

    private struct Connection {
        // A queue, not a pool: a pool closes its readers last, and a last connection that can only read leaves the
        // files `-wal` and `-shm` beside the store.
        // Nil while at rest, and once closed: GRDB would go on to use a connection that is none.
        var queue: DatabaseQueue?
        /// How the file was when it was opened as one that nobody changes; nil if it was opened otherwise.
        var readState: StoreFile.State?
        var isClosed = false
        /// Keeps what the file holds while it is at rest, also when it is deleted or replaced meanwhile.
        var keeper: KeptFile?
    }

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
                let (queue, state) = try openForReading(file, options)
                return CheckpointStore(file, access, options, queue, readState: state)
            case .readWrite:
                let isNew = try file.prepareForWriting()
                do {
                    return CheckpointStore(file, access, options, try openForWriting(file, options))
                } catch {
                    if isNew { file.removeIfEmpty() }
                    throw error
                }
            }
        }
    }

    private init(
        _ file: StoreFile, _ access: Access, _ options: StoreOptions, _ queue: DatabaseQueue,
        readState: StoreFile.State? = nil
    ) {
        path = file.path
        self.access = access
        self.options = options
        fileIdentity = file.identity ?? FileIdentity(device: 0, node: 0)
        connection = Mutex(Connection(queue: queue, readState: readState))
    }

    deinit { try? close() }

    /// Closes the store, and gives back the runs that it has taken; doing so again changes nothing. When nobody else
    /// has it open, what is left is one file.
    ///
    /// - Precondition: no other thread is in the middle of a call.
    public func close() throws(StoreError) {
        for id in tokens.withLock({ Array($0.keys) }).map(Run.ID.init(rawValue:)) {
            do { try giveBack(id) } catch { abandon(id) }
        }
        try translating(path: path, busyTimeout: options.busyTimeout) {
            try connection.withLock { connection in
                try connection.queue?.close()
                connection = Connection(isClosed: true)
            }
        }
    }

    /// Closes a store that is to be moved or copied as one file. Closing alone says nothing of a log that could not be
    /// moved into it.
    func closeAsOneFile() throws(StoreError) {
        try moveLogIntoStore()
        try close()
        let file = StoreFile(path)
        guard StoreFile.endings.allSatisfy({ FileTree.status(file.beside($0)) == nil }) else {
            throw .failing(path: path, doing: "writing to")
        }
    }

    /// Closes the file until the next call opens it again. While a run trains and nothing is being saved, its store is
    /// one file in nobody's way: a program that deletes or replaces it then finds no log beside it that is not its own.
    ///
    /// - Precondition: no other thread is in the middle of a call.
    package func rest() {
        connection.withLock { connection in
            guard let queue = connection.queue else { return }
            // Closed after every connection: closing any descriptor of a file gives up all locks that a process has on it.
            if connection.keeper == nil { connection.keeper = KeptFile(StoreFile(path), identity: fileIdentity) }
            guard (try? queue.close()) != nil else { return }
            connection.queue = nil
        }
    }

    /// Writes what the file holds into another one, also if its own path leads nowhere any more.
    ///
    /// - Throws: `moved` if it was not at rest when that happened; `notWritable`, `full`.
    func copyKept(to file: StoreFile) throws(StoreError) {
        try translating(path: file.path, busyTimeout: options.busyTimeout) {
            try connection.withLock { connection in
                guard let keeper = connection.keeper else { throw movedError }
                try keeper.copy(to: file)
            }
        }
    }

    private var queue: DatabaseQueue {
        get throws {
            try connection.withLock { connection in
                guard !connection.isClosed else { throw StoreError.closed(path: path) }
                if let queue = connection.queue { return queue }
                try requireSameFile()
                let queue = try Self.openForWriting(StoreFile(path), options)
                connection.queue = queue
                return queue
            }
        }
    }

    /// SQLite goes on to write into a file that was deleted, and would put its log beside one that took its place.
    private func requireSameFile() throws(StoreError) {
        guard StoreFile(path).identity == fileIdentity else { throw movedError }
    }

    private var movedError: StoreError { .moved(path: path, isReplaced: StoreFile(path).identity != nil) }

    /// One transaction, in which nothing changes. Where no locks can be taken somebody may write all the same: then
    /// `body` is called again.
    package func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        try translating(path: path, busyTimeout: options.busyTimeout) {
            for _ in 0..<100 {
                let result = Swift.Result { [queue = try queue] in try queue.read { database in try body(database) } }
                guard let expected = connection.withLock({ $0.readState }) else { return try result.get() }
                let file = StoreFile(path)
                if file.state == expected { return try result.get() }
                try connection.withLock { connection in
                    try connection.queue?.close()
                    connection.queue = nil
                    (connection.queue, connection.readState) = try Self.openForReading(file, options)
                }
            }
            throw StoreError.locked(path: path, seconds: options.busyTimeout)
        }
    }

    /// Runs `body` in one transaction, which waits for its turn when it begins.
    /// - Throws: `openedReadOnly`: the connection could write, where the file can be written to.
    func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        guard access == .readWrite else { throw .openedReadOnly(path: path) }
        return try translating(path: path, busyTimeout: options.busyTimeout) {
            try requireSameFile()
            let result = try queue.writeWithoutTransaction { database in
                whenCommitted.withLock { $0 = [] }
                var result: Result?
                try database.inTransaction(.immediate) {
                    result = try body(database)
                    return .commit
                }
                for action in whenCommitted.withLock({ $0 }) { action() }
                return result!
            }
            // It may have happened while this was written.
            try requireSameFile()
            return result
        }
    }

    /// Does something if the transaction that this thread is in is committed.
    func whenCommitted(_ action: @escaping @Sendable () -> Void) { whenCommitted.withLock { $0.append(action) } }

    /// Moves what has been written from the log into the store. A reader in the middle of something may be in the
    /// way: then the next call does it, or closing. Training never waits for long.
    package func moveLogIntoStore() throws(StoreError) {
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
