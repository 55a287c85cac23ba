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
        do throws(StoreError) {
            try file.create(mode: FileTree.status(target.place).map { $0.st_mode & 0o777 } ?? 0o666)
        } catch {
            throw error.naming(target.path, insteadOf: file.path)
        }
    }

    /// Whatever goes wrong with this file is said of the one that the user knows.
    func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as StoreError {
            throw error.naming(path, insteadOf: file.path)
        }
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
        var attempts = 100
        while try !tryToTakePlace(overwrite: overwrite, busyTimeout: busyTimeout) {
            attempts -= 1
            guard attempts > 0 else { throw StoreError.inUse(path: target.path) }
        }
        try target.synchronizeFolder()
    }

    /// - Returns: false if another program has just put a file there, which is to be replaced then.
    private func tryToTakePlace(overwrite: Bool, busyTimeout: Double) throws -> Bool {
        if overwrite, target.isThere {
            try target.withNobodyIn(busyTimeout: busyTimeout) { () throws(StoreError) in try moveOver() }
            return true
        }
        do throws(StoreError) {
            try target.requireNothingBeside()
            try moveThere()
            return true
        } catch {
            // What is beside a file that has come since may well be its log.
            guard overwrite, target.isThere else { throw error }
            return false
        }
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
        let descriptor = place.withCString { open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw notWritable() }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw notWritable() }
    }

    func synchronizeFolder() throws(StoreError) {
        let code = place.folder.synchronizeFolder()
        guard code == 0 else { throw notWritable(code) }
    }

    /// The error that `errno` stands for after a write: `full` without room on the disk, in the user's quota, or for a
    /// file of that length; `failing`.
    func notWritable(_ code: Int32 = errno) -> StoreError {
        switch code {
        case ENOSPC, EDQUOT, EFBIG: .full(path: path)
        case EIO: .failing(path: path, doing: "writing to")
        default: .notWritable(path: path, reason: systemMessage(code))
        }
    }

    /// Does something to the file while no program has it open as a database. What stands in its log is moved into it
    /// first, and the log is gone.
    ///
    /// - Throws: `inUse`
    func withNobodyIn(busyTimeout: Double, _ body: () throws(StoreError) -> Void) throws {
        guard !isOpenHere else { throw StoreError.inUse(path: path) }
        // SQLite would take files beside another kind of file for its own, and delete them.
        guard looksLikeSQLite else { return try body() }
        let before = identity
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
                guard !hasLivingOwner(database), identity == before else { throw StoreError.inUse(path: path) }
                try removeLeftLog()
                // After a power cut the log must not be there again, beside another file.
                try synchronizeFolder()
                do throws(StoreError) {
                    try body()
                } catch .besideIt {
                    // This file has no log any more: it is that of one which was here before, or is here by now.
                    throw StoreError.inUse(path: path)
                }
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

    /// SQLite says nothing where it could not remove a log, or the memory that was shared for it.
    ///
    /// - Precondition: nobody has either any more.
    private func removeLeftLog() throws(StoreError) {
        for ending in ["-wal", "-shm"] {
            guard beside(ending).withCString({ unlink($0) }) == 0 || errno == ENOENT else { throw notWritable() }
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
