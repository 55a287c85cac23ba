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
    let options: StoreOptions
    private let access: Access
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
        var opened: OpenedFile?
        /// Calls that use it by now, or wait for their turn.
        var users = 0
        var restsBetweenCalls = false
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
                return CheckpointStore(file, options, access, try openForReading(file, options))
            case .readWrite:
                let isNew = try file.prepareForWriting()
                do {
                    return CheckpointStore(file, options, access, try openForWriting(file, options))
                } catch {
                    if isNew { file.removeIfEmpty() }
                    throw error
                }
            }
        }
    }

    private init(_ file: StoreFile, _ options: StoreOptions, _ access: Access, _ opened: OpenedFile) {
        path = file.path
        (self.options, self.access) = (options, access)
        fileIdentity = file.identity ?? FileIdentity(device: 0, node: 0)
        connection = Mutex(Connection(opened: opened))
        connection.withLock { Self.rest(&$0) }
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
                try connection.opened?.queue.close()
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
            guard !connection.isClosed else { return }
            // Closed after every connection: closing any descriptor of a file gives up all locks that a process has on it.
            if connection.keeper == nil { connection.keeper = KeptFile(StoreFile(path), identity: fileIdentity) }
            guard let queue = connection.opened?.queue, (try? queue.close()) != nil else { return }
            connection.opened = nil
        }
    }

    /// Lets the file be closed whenever no call needs it, for programs that live long and have a store for the odd
    /// question: others may then move, copy and remove it. Every call looks whether the path still leads to the file.
    package func restBetweenCalls() {
        connection.withLock { connection in
            connection.restsBetweenCalls = true
            Self.rest(&connection)
        }
    }

    /// Keeps the file open during many calls of a store that would close it after each.
    ///
    /// - Throws: what `body` throws; `moved`, and as opening a store.
    package func withFileOpen<Result>(_ body: () throws -> Result) throws -> Result {
        let result = try translating(path: path, busyTimeout: options.busyTimeout) {
            try withFile { _ in Swift.Result(catching: body) }
        }
        return try result.get()
    }

    /// The store once more, to write to. Where its file is gone, none is made.
    ///
    /// - Throws: `moved` if the path leads to another file by now; `notWritable`, as opening a store.
    package func openedForWriting() throws(StoreError) -> CheckpointStore {
        try requireSameFile()
        let file = StoreFile(path)
        try file.requireWritable()
        // That it is a store is known. To look into it would close a descriptor of the file, and with that give up the locks
        // under which this process may be reading it.
        let store = try translating(path: path, busyTimeout: options.busyTimeout) {
            CheckpointStore(file, options, .readWrite, try Self.openForWriting(file, options))
        }
        guard store.fileIdentity == fileIdentity else { throw movedError }
        return store
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

    /// Calls `body` with the open file, which is opened first if the store is at rest.
    private func withFile<Result>(_ body: (OpenedFile) throws -> Result) throws -> Result {
        let opened = try connection.withLock { connection in
            guard !connection.isClosed else { throw StoreError.closed(path: path) }
            if connection.opened == nil || connection.restsBetweenCalls { try requireSameFile() }
            let opened = try connection.opened ?? open()
            connection.opened = opened
            connection.users += 1
            return opened
        }
        defer {
            connection.withLock { connection in
                connection.users -= 1
                Self.rest(&connection)
            }
        }
        return try body(opened)
    }

    private func open() throws -> OpenedFile {
        switch access {
        case .readOnly: try Self.openForReading(StoreFile(path), options)
        case .readWrite: try Self.openForWriting(StoreFile(path), options)
        }
    }

    /// Closes the file if no call needs it now, and it is to rest then or keeps everybody else out.
    private static func rest(_ connection: inout Connection) {
        guard let opened = connection.opened, connection.users == 0, connection.restsBetweenCalls || opened.isAlone
        else { return }
        if (try? opened.queue.close()) != nil { connection.opened = nil }
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
                let (result, expected) = try withFile { opened in
                    (Swift.Result { try opened.queue.read { try body($0) } }, opened.state)
                }
                let file = StoreFile(path)
                guard let expected, file.state != expected else { return try result.get() }
                try connection.withLock { connection in
                    // One that rests between calls is closed by now.
                    guard let opened = connection.opened else { return }
                    try opened.queue.close()
                    connection.opened = nil
                    connection.opened = try Self.openForReading(file, options)
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
            let result = try withFile { opened in
                try opened.queue.writeWithoutTransaction { database in
                    whenCommitted.withLock { $0 = [] }
                    var result: Result?
                    try database.inTransaction(.immediate) {
                        result = try body(database)
                        return .commit
                    }
                    for action in whenCommitted.withLock({ $0 }) { action() }
                    return result!
                }
            }
            // It may have happened while this was written.
            try requireSameFile()
            return result
        }
    }

    /// ``write(_:)``, and moves what was written from the log into the file: others may copy the file, and know of no log.
    /// Where a reader is in the way, whoever opens the store next does so.
    func writeIntoFile<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        try translating(path: path, busyTimeout: options.busyTimeout) {
            try withFileOpen {
                let result = try write(body)
                try? moveLogIntoStore()
                return result
            }
        }
    }

    /// Does something if the transaction that this thread is in is committed.
    func whenCommitted(_ action: @escaping @Sendable () -> Void) { whenCommitted.withLock { $0.append(action) } }

    /// Moves what has been written from the log into the store. A reader in the middle of something may be in the
    /// way: then the next call does it, or closing. Training never waits for long.
    package func moveLogIntoStore() throws(StoreError) {
        // Whoever was alone with the file has done so by closing it.
        guard connection.withLock({ $0.opened != nil || $0.restsBetweenCalls || $0.isClosed }) else { return }
        try translating(path: path, busyTimeout: options.busyTimeout) {
            try withFile { opened in
                try opened.queue.writeWithoutTransaction { database in
                    try database.execute(sql: "PRAGMA busy_timeout = 50")
                    do {
                        _ = try database.checkpoint(.truncate)
                    } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {}
                    try database.execute(sql: "PRAGMA busy_timeout = \(Int(options.busyTimeout * 1000))")
                }
            }
        }
    }

    /// Returns pages that hold nothing any more to the file system.
    func shrink() throws(StoreError) {
        try translating(path: path, busyTimeout: options.busyTimeout) {
            try withFile { opened in
                try opened.queue.writeWithoutTransaction { database in
                    try database.execute(sql: "PRAGMA incremental_vacuum")
                }
            }
        }
        try moveLogIntoStore()
    }
}
