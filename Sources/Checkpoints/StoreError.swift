import FileTrees
import Foundation
import GRDB

/// What can go wrong with a store. The description says what, where, and what to do about it.
public enum StoreError: Error, Equatable, Sendable {
    /// There is nothing to read yet.
    case noStore(path: String)
    /// The store has no run, or none of this kind.
    case noRuns(path: String, kind: String?)
    /// No run has this name; `near` holds names that resemble it, if any do.
    case unknownRun(name: String, near: [String], path: String)
    /// Another process removed the run while it was in use.
    case runRemoved(path: String)
    /// Somebody else trains the run.
    case beingTrained(run: String, by: RunOwner, path: String)
    /// Somebody took over a run that was being trained here. `by` is nil if it has been given back since.
    case takenOver(run: String, by: RunOwner?, path: String)
    /// A run's checkpoints go forward.
    case goesBack(run: String, from: Int, to: Int, path: String)
    /// The run is of another kind: `expected` is what was asked for.
    case wrongKind(run: String, kind: String, expected: String)
    /// A name that no run can have.
    case invalidRunName(name: String, reason: String)
    /// Another run has this name.
    case nameTaken(name: String, path: String)
    /// The run has no such checkpoint; `wanted` is the best or the latest.
    case noCheckpoint(run: String, wanted: String, path: String)

    /// The store keeps no text of this number.
    case noText(id: Int64, path: String)
    /// A text was changed meanwhile: the one that was to be replaced had the revision `expected`, and the store has
    /// `found`.
    case textChanged(id: Int64, expected: Int, found: Int, path: String)

    /// The path leads to a folder.
    case folder(path: String)
    /// The path leads to a pipe or a device.
    case notAFile(path: String)
    /// The file is no SQLite database.
    case notSQLite(path: String)
    /// The file is the database of another program, by its `application_id`.
    case otherApplication(path: String, applicationID: Int)
    /// A newer version of this package wrote the store.
    case newerSchema(path: String, found: Int, supported: Int)
    /// Its schema declares something that a store does not: `object` names it ("trigger 'x'"). `isChanged`: a store
    /// declares it otherwise, or under another name.
    case foreignSchema(path: String, object: String, isChanged: Bool)

    /// The path no longer leads to the file that was opened: it was deleted or moved, or another file took its place.
    case moved(path: String, isReplaced: Bool)
    /// The file cannot be read; `reason` is the system's.
    case unreadable(path: String, reason: String)
    /// The file, or its folder, cannot be written to.
    case notWritable(path: String, reason: String)
    /// The store was opened to read only, and was to be changed.
    case openedReadOnly(path: String)
    /// Another process held the store for so many seconds.
    case locked(path: String, seconds: Double)
    /// The disk is full.
    case full(path: String)
    /// The disk, or the network that it is behind, did not do what was asked; `doing` says what.
    case failing(path: String, doing: String)
    /// The file is damaged: `detail` is what SQLite says of it.
    case corrupt(path: String, detail: String)
    /// A tensor whose rows do not make up its shape, or are missing.
    case damagedTensor(name: String, run: String, step: Int, reason: String, path: String)
    /// A value that cannot be what its column holds.
    case damagedValue(table: String, row: String, column: String, reason: String, path: String)

    /// A file is where the export was to go.
    case exportExists(path: String)
    /// What was to be made of a store was to take its own place.
    case storeItself(path: String)
    /// There is no store to repair.
    case nothingToRepair(path: String)
    /// A file is where the repaired store was to go.
    case repairExists(path: String)
    /// A program works in the file that was to be replaced.
    case inUse(path: String)
    /// Another file has the name that SQLite would give to the log of the one that was to be written.
    case besideIt(path: String, other: String)
    /// The store was used after it had been closed.
    case closed(path: String)
    /// A value that cannot be written as, or read from, JSON.
    case json(what: String, reason: String)
    /// Anything else that SQLite reports.
    case database(path: String, code: Int, message: String, sql: String?)
}

/// Who is told what to do about an error.
package enum ErrorReader {
    /// Who calls functions.
    case developer
    /// Who types commands.
    case user

    /// The words for this reader.
    package func words(_ forDeveloper: String, _ forUser: String) -> String {
        self == .developer ? forDeveloper : forUser
    }
}

extension StoreError: CustomStringConvertible {
    /// What went wrong, where, and what to do about it.
    public var description: String { text(for: .developer) }

    // Every case has its own line, and none is caught by a default: one that is added later cannot be forgotten here.
    /// The description, with what this reader can do.
    package func text(for reader: ErrorReader) -> String {
        func words(_ forDeveloper: String, _ forUser: String) -> String { reader.words(forDeveloper, forUser) }
        func another(_ what: String) -> String {
            what + words("", " with `store` or \(StorePath.environmentVariable)")
        }
        return switch self {
        case .noStore(let path):
            "no model has been trained yet: there is no store at \(path). Train one first ("
                + words(
                    "`TextModel.train`, `PictureModel.train`, `Trainer.fit`", "`charnn train FILE`, `ae train FOLDER`")
                + "), or " + words("open the store where it is", another("say where the store is")) + "."
        case .noRuns(let path, let kind?):
            "no \(kind) model has been trained yet: \(path) holds no \(kind) run. Train one first with "
                + words(
                    "`\(Self.type(of: kind))`", Self.hasProgram(kind) ? "`\(kind) train`" : Self.trainer)
                + ", or \(words("open another store", another("name another store")))."
        case .noRuns(let path, nil):
            "no model has been trained yet: \(path) holds no run. Train one first with "
                + words("`TextModel`, `PictureModel` or `Trainer`.", "`charnn train FILE` or `ae train FOLDER`.")
        case .unknownRun(let name, let near, let path):
            "there is no run named '\(name)' in \(path). "
                + (near.isEmpty ? "None has a name like it." : "Did you mean \(Self.list(near))?")
                + words(" The store's `runs()` has all.", " The command 'runs' lists all.")
        case .runRemoved(let path):
            "the run is no longer in \(path): it was removed meanwhile. What was not saved before is lost."
        case .beingTrained(let run, let owner, let path):
            "the run '\(run)' in \(path) is being trained by \(owner). "
                + (owner.isHere
                    ? "Wait until it has finished, or end it with `kill \(owner.process)`: it saves first."
                    : "It was heard of \(Int(min(max(0, -owner.heartbeat.timeIntervalSinceNow), 1e9))) s ago. If it is "
                        + "gone, this works \(Int(RunOwner.trust / 60)) minutes after that.")
                + " Nothing was changed."
        case .takenOver(let run, let owner, let path):
            "the run '\(run)' in \(path) was taken over" + (owner.map { " by \($0)" } ?? "")
                + ", which took this one to be gone. Its checkpoints were left as they are."
        case .goesBack(let run, let from, let to, let path):
            "the run '\(run)' in \(path) has a checkpoint of step \(from), and was not set back to step \(to)."
        case .moved(let path, true):
            "\(path) is another file than before: it was replaced while it was in use."
        case .moved(let path, false):
            "\(path) is gone: it was deleted or moved while it was in use."
        case .wrongKind(let run, let kind, let expected):
            "'\(run)' is a model of \(kind), and one of \(expected) is needed. Use it with "
                + words(
                    "`\(Self.type(of: kind))`", Self.hasProgram(kind) ? "the command '\(kind)'" : Self.trainer)
                + ", or choose "
                + words(
                    "one of the store's `runs(kind: \"\(expected)\")`.",
                    Self.hasProgram(expected) ? "one of those that `\(expected) runs` lists." : "another run.")
        case .invalidRunName(let name, let reason):
            "'\(name)' cannot name a run: \(reason)"
        case .nameTaken(let name, let path):
            "there is a run named '\(name)' in \(path) already. Choose another name, or remove that run first."
        case .noCheckpoint(let run, let wanted, let path):
            "the run '\(run)' in \(path) has no \(wanted) checkpoint. Train it further, or choose another run."
        case .noText(let id, let path):
            "there is no text number \(id) in \(path): it was removed, or never there."
        case .textChanged(let id, let expected, let found, let path):
            "the text number \(id) in \(path) was changed meanwhile: it has revision \(found), and \(expected) was to "
                + "be replaced. Nothing was changed. Read it again first, or save yours as a new text."
        case .folder(""): "an empty path leads to no store. Name a file, jacquard.sqlite for instance."
        case .folder(let path):
            "\(path) is a folder, not a store. Name a file in it: \(path)/jacquard.sqlite"
        case .notAFile(let path):
            "\(path) is a pipe or a device, not a file. Name a file; nothing was changed."
        case .notSQLite(let path):
            "\(path) is not a store: it is not an SQLite file. \(another("Choose another file")); nothing was changed."
        case .otherApplication(let path, 0):
            "\(path) is an SQLite file that no program has put its mark on, and no store. "
                + "\(another("Choose another file")); nothing was changed. If it was made from a store, by `.dump` "
                + "for instance, \(Self.repair(path)) makes one of it again."
        case .otherApplication(let path, let id):
            "\(path) is an SQLite file of another program (application id \(id)), not a store. "
                + "\(another("Choose another file")); nothing was changed."
        case .newerSchema(let path, let found, let supported):
            "\(path) was made by a newer version of Jacquard (schema \(found), this program reads up to "
                + "\(supported)). Update this program, or use another store; nothing was changed."
        case .foreignSchema(let path, let object, let isChanged):
            "\(path) was changed by another program: its \(object) "
                + (isChanged ? "is declared otherwise than in a store" : "does not belong in a store")
                + ". Nothing in it was run or changed. "
                + (isChanged
                    ? "Take the change back in sqlite3"
                    : "Remove what was added (`DROP \(object)` in sqlite3)")
                + ", or copy what belongs in a store to a new one: \(Self.repair(path))"
        case .unreadable(let path, let reason):
            "cannot read \(path): \(reason). Check its permissions, or choose another store"
                + words(".", " with `store`.")
        case .notWritable(let path, let reason):
            "cannot write to \(path): \(reason). Change the permissions, or \(another("choose another store"))."
        case .openedReadOnly(let path):
            "\(path) was opened to read only, and nothing was changed. Open it with `access: .readWrite`."
        case .locked(let path, let seconds):
            "\(path) is locked by another program (waited \(seconds) s). Wait until it has finished, or end it; "
                + "`fuser \(path)` names it."
        case .full(let path):
            "the disk is full: \(path) could not grow. What was saved before is intact. Free some space on that disk, with "
                + "the command 'remove' if a store is there that has runs nobody needs."
        case .failing(let path, let doing):
            "the disk fails: \(doing) \(path), or a file beside it, ended in an input/output error. What was saved "
                + "before is intact as far as the disk is. Look into the system's log ('dmesg'), and copy the store to "
                + "another disk before it is used again."
        case .corrupt(let path, let detail):
            "\(path) is damaged (\(detail)). Restore a copy, or save what can be read: \(Self.repair(path))"
        case .damagedTensor(let name, let run, let step, let reason, let path):
            "the tensor '\(name)' of the run '\(run)', step \(step), in \(path) is damaged: \(reason). Load "
                + "another checkpoint of the run, restore a copy of the store, or save what can be read: "
                + Self.repair(path)
        case .damagedValue(let table, let row, let column, let reason, let path):
            "\(path) is damaged: in the table \(table), \(row), the column \(column) holds \(reason). Restore a copy, "
                + "or save what can be read: \(Self.repair(path))"
        case .exportExists(let path):
            "\(path) exists already and was left as it is. Choose another name, or replace it with "
                + words("`overwrite: true`.", "`force`.")
        case .storeItself(let path):
            "\(path) is the store itself, and was left as it is. Choose another name."
        case .nothingToRepair(let path):
            "there is no file \(path), and nothing to repair. Name the damaged store."
        case .repairExists(let path):
            "\(path) exists already and was left as it is. Choose another name" + words(".", " with `output`.")
        case .inUse(let path):
            "\(path) is a store that another program has open, and was left as it is. Wait until it has finished, or "
                + "choose another name."
        case .besideIt(let path, let other):
            "\(other) would be taken for the log of \(path), and spoiled with it. Move it away, or choose another name; "
                + "nothing was changed."
        case .closed(let path):
            "\(path) has been closed. Open it again."
        case .json(let what, let reason):
            "\(what) cannot be written or read as JSON: \(reason)"
        case .database(let path, let code, let message, let sql):
            "SQLite error \(code) in \(path): \(message)" + (sql.map { ", while executing: \($0)" } ?? "")
        }
    }

    /// Whether a program of this name uses the runs of this kind: those of a `Trainer` belong to programs of others.
    private static func hasProgram(_ kind: String) -> Bool { ["charnn", "ae"].contains(kind) }

    /// The type that trains and uses the runs of this kind.
    private static func type(of kind: String) -> String {
        switch kind {
        case "charnn": "TextModel"
        case "ae": "PictureModel"
        default: "Trainer"
        }
    }

    private static let trainer = "the Trainer of a Swift program"

    /// The command that repairs a store; either program repairs the runs of both.
    private static func repair(_ path: String) -> String { "`charnn repair \(ShellText.quoted(path))`" }

    private static func list(_ names: [String]) -> String {
        let quoted = names.map { "'\($0)'" }
        return quoted.count < 2
            ? quoted.joined() : quoted.dropLast().joined(separator: ", ") + " or " + (quoted.last ?? "")
    }
}

extension StoreError {
    /// Whether the error says that the store no longer holds what was saved.
    package var isDamage: Bool {
        switch self {
        case .damagedTensor, .damagedValue, .corrupt: true
        default: false
        }
    }

    /// The same error about a file whose name users know.
    func naming(_ name: String, insteadOf path: String) -> StoreError {
        switch self {
        case .full(path): .full(path: name)
        case .notSQLite(path): .notSQLite(path: name)
        case .inUse(path): .inUse(path: name)
        case .failing(path, let doing): .failing(path: name, doing: doing)
        case .locked(path, let seconds): .locked(path: name, seconds: seconds)
        case .corrupt(path, let detail): .corrupt(path: name, detail: detail)
        case .unreadable(path, let reason): .unreadable(path: name, reason: reason)
        case .notWritable(path, let reason): .notWritable(path: name, reason: reason)
        case .database(path, let code, let message, let sql):
            .database(path: name, code: code, message: message, sql: sql)
        default: self
        }
    }
}

extension StoreError {
    /// What SQLite's result code means to somebody who only wanted to train.
    init(_ error: DatabaseError, path: String, busyTimeout: Double) {
        let message = error.message ?? "no message"
        switch error.resultCode.primaryResultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: self = .locked(path: path, seconds: busyTimeout)
        case .SQLITE_FULL: self = .full(path: path)
        case .SQLITE_CORRUPT: self = .corrupt(path: path, detail: message)
        case .SQLITE_NOTADB: self = .notSQLite(path: path)
        case .SQLITE_READONLY, .SQLITE_PERM: self = .notWritable(path: path, reason: message)
        case .SQLITE_CANTOPEN:
            self = .unreadable(
                path: path,
                reason: "it could not be opened, or the files that SQLite makes beside it (-wal, -shm, -journal) could "
                    + "not, for want of rights or of room")
        case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE: self = .full(path: path)
        case .SQLITE_IOERR: self = .failing(path: path, doing: Self.words(for: error.extendedResultCode))
        default:
            self = .database(
                path: path, code: Int(error.extendedResultCode.rawValue), message: message, sql: error.sql)
        }
    }

    /// Whether the memory that all users of a store share, a file beside it, could not be had: on a full disk for one.
    static func isWantOfSharedMemory(_ code: ResultCode) -> Bool {
        [.SQLITE_IOERR_SHMSIZE, .SQLITE_IOERR_SHMOPEN, .SQLITE_IOERR_SHMMAP].contains(code)
    }

    private static func words(for code: ResultCode) -> String {
        switch code {
        case .SQLITE_IOERR_READ, .SQLITE_IOERR_SHORT_READ: "reading"
        case .SQLITE_IOERR_WRITE, .SQLITE_IOERR_TRUNCATE: "writing to"
        case .SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC: "synchronizing"
        case .SQLITE_IOERR_LOCK, .SQLITE_IOERR_RDLOCK, .SQLITE_IOERR_UNLOCK, .SQLITE_IOERR_SHMLOCK: "locking"
        case .SQLITE_IOERR_DELETE: "removing"
        default: "using"
        }
    }
}

/// Runs `body` and turns whatever it throws into a `StoreError`.
func translating<Result>(
    path: String, busyTimeout: Double, _ body: () throws -> Result
) throws(StoreError) -> Result {
    do {
        return try body()
    } catch let error as StoreError {
        throw error
    } catch let error as DatabaseError {
        throw StoreError(error, path: path, busyTimeout: busyTimeout)
    } catch {
        throw .database(path: path, code: -1, message: "\(error)", sql: nil)
    }
}
