import FileTrees
import Foundation
import GRDB

/// A store that is being made beside the file whose place it takes when it is whole. Its name is its own, so that
/// several may be on their way to one place; what is left of one that was killed says what it is.
struct UnfinishedStore {
    let file: StoreFile
    private let target: StoreFile

    /// Makes the file, of no length yet, with the permissions of the one that is there or else the user's usual ones.
    init(for target: StoreFile) throws(StoreError) {
        self.target = target
        let name = target.beside(".partial-" + String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16))
        file = StoreFile(name.text)
        try file.create(mode: FileTree.status(target.place).map { $0.st_mode & 0o777 } ?? 0o666)
    }

    func remove() {
        for ending in [""] + StoreFile.endings { _ = file.beside(ending).withCString { unlink($0) } }
    }

    /// Takes its place, in one step and durably: whoever looks sees the old file or the whole new one, also after the
    /// power went.
    ///
    /// - Precondition: the store is closed.
    /// - Throws: `exportExists` if there is a file, which need not be so with `overwrite`; `inUse` if somebody works in
    ///   it; `besideIt` if files of its name would be taken for this one's log.
    func takePlace(overwrite: Bool, busyTimeout: Double) throws {
        try file.synchronize()
        if overwrite, target.isThere {
            try target.withNobodyIn(busyTimeout: busyTimeout) { () throws(StoreError) in try moveOver() }
        } else {
            try target.requireNothingBeside()
            try moveThere()
        }
        try target.synchronizeFolder()
    }

    func moveOver() throws(StoreError) {
        try target.requireNothingBeside()
        let result = file.place.withCString { from in target.place.withCString { to in rename(from, to) } }
        guard result == 0 else { throw target.notWritable() }
    }

    /// A second name cannot be given if it is taken; where a file system knows no second names, the time between
    /// looking and moving is short.
    private func moveThere() throws(StoreError) {
        let result = file.place.withCString { from in target.place.withCString { to in link(from, to) } }
        if result == 0 {
            _ = file.place.withCString { unlink($0) }
        } else if errno != EEXIST, !target.isThere {
            try moveOver()
        } else {
            throw .exportExists(path: target.path)
        }
    }
}

extension StoreFile {
    /// What SQLite adds to a file's name for its log, the log's index, and the older kind of log.
    static let endings = ["-wal", "-shm", "-journal"]

    /// Makes a file of no length. SQLite itself would give no rights to a group, whatever the user's mask.
    func create(mode: mode_t) throws(StoreError) {
        let descriptor = place.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode) }
        guard descriptor >= 0 else { throw notWritable() }
        close(descriptor)
    }

    /// - Throws: `besideIt`
    func requireNothingBeside() throws(StoreError) {
        for ending in Self.endings where FileTree.status(beside(ending)) != nil {
            throw .besideIt(path: path, other: path + ending)
        }
    }

    /// Waits until everything is on the disk.
    ///
    /// - Precondition: this process has no connection to the file, whose locks would be gone.
    func synchronize() throws(StoreError) {
        try Self.synchronize(place, O_RDONLY | O_CLOEXEC, of: self)
    }

    func synchronizeFolder() throws(StoreError) {
        try Self.synchronize(place.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, of: self)
    }

    private static func synchronize(_ place: RawPath, _ flags: Int32, of file: StoreFile) throws(StoreError) {
        let descriptor = place.withCString { open($0, flags) }
        guard descriptor >= 0 else { throw file.notWritable() }
        defer { close(descriptor) }
        // Some file systems cannot do that with folders, and say EINVAL.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw file.notWritable() }
    }

    /// The error that `errno` stands for after a write: `full` without room on the disk, in the user's quota, or for a
    /// file of that length.
    func notWritable() -> StoreError {
        [ENOSPC, EDQUOT, EFBIG].contains(errno)
            ? .full(path: path) : .notWritable(path: path, reason: systemMessage(errno))
    }

    /// Does something to the file while no program has it open as a database. What stands in its log is moved into it
    /// first, and the log is gone.
    ///
    /// - Throws: `inUse`
    func withNobodyIn(busyTimeout: Double, _ body: () throws(StoreError) -> Void) throws {
        guard !isOpenHere else { throw StoreError.inUse(path: path) }
        // SQLite would take files beside another kind of file for its own, and delete them.
        guard looksLikeSQLite else { return try body() }
        var configuration = Configuration()
        configuration.busyMode = .timeout(min(busyTimeout, 1))
        configuration.prepareDatabase { try StoreConnection.guardAgainstSchema($0) }
        do {
            let queue = try DatabaseQueue(path: uri(), configuration: configuration)
            defer { try? queue.close() }
            try queue.writeWithoutTransaction { database in
                func requireOldJournal(_ sql: String) throws {
                    guard try String.fetchOne(database, sql: sql) == "delete" else {
                        throw DatabaseError(resultCode: .SQLITE_BUSY)
                    }
                }
                try requireOldJournal("PRAGMA journal_mode = DELETE")
                try database.execute(sql: "BEGIN EXCLUSIVE")
                defer { try? database.execute(sql: "ROLLBACK") }
                // Somebody may have come in between, and made a log again.
                try requireOldJournal("PRAGMA journal_mode")
                guard !hasLivingOwner(database) else { throw StoreError.inUse(path: path) }
                try body()
            }
        } catch let error as DatabaseError {
            switch error.resultCode.primaryResultCode {
            // No database that anybody could have open, or one that no program can use.
            case .SQLITE_NOTADB, .SQLITE_CORRUPT: try body()
            case .SQLITE_BUSY, .SQLITE_LOCKED: throw StoreError.inUse(path: path)
            // Another file has taken its place since it was opened.
            case .SQLITE_READONLY where error.extendedResultCode == .SQLITE_READONLY_DBMOVED:
                throw StoreError.inUse(path: path)
            default: throw error
            }
        }
    }

    /// A process that trains has its store open only while it saves, and says so in the table of owners.
    func hasLivingOwner(_ database: Database) -> Bool {
        let rows = try? StoredRow.fetchAll(database, "owner", path: path)
        return (rows ?? []).contains { row in
            let owner = try? OwnerRow(row).owner(seenBy: .current, file: identity?.text ?? "", now: Date())
            return owner?.isAlive ?? false
        }
    }
}
