/// What can go wrong with a store. The description says what, where, and what to do about it.
public enum StoreError: Error, Equatable, Sendable {
    /// There is nothing to read yet.
    case noStore(path: String)
    /// The store has no run, or none of this kind.
    case noRuns(path: String, kind: String?)
    /// No run has this name; `near` holds names that resemble it.
    case unknownRun(name: String, near: [String], path: String)
    /// Another process removed the run while it was in use.
    case runRemoved(path: String)
    /// Somebody else trains the run.
    case beingTrained(run: String, by: RunOwner, path: String)
    /// Somebody took over a run that was being trained here. `by` is nil if it has been given back since.
    case takenOver(run: String, by: RunOwner?, path: String)
    /// A run's checkpoints go forward.
    case goesBack(run: String, from: Int, to: Int, path: String)
    case wrongKind(run: String, kind: String, expected: String)
    case invalidRunName(name: String, reason: String)
    case nameTaken(name: String, path: String)
    case noCheckpoint(run: String, wanted: String, path: String)

    case folder(path: String)
    case notSQLite(path: String)
    case otherApplication(path: String, applicationID: Int)
    case newerSchema(path: String, found: Int, supported: Int)
    /// It would have to be brought up to date, and cannot be written to.
    case olderSchema(path: String, found: Int, supported: Int)

    /// The path no longer leads to the file that was opened: it was deleted or moved, or another file took its place.
    case moved(path: String, isReplaced: Bool)
    case unreadable(path: String, reason: String)
    case notWritable(path: String, reason: String)
    case locked(path: String, seconds: Double)
    case full(path: String)
    case corrupt(path: String, detail: String)
    /// A tensor whose rows do not make up its shape, or are missing.
    case damagedTensor(name: String, run: String, step: Int, reason: String, path: String)

    case exportExists(path: String)
    /// The store was used after it had been closed.
    case closed(path: String)
    /// A value that cannot be written as, or read from, JSON.
    case json(what: String, reason: String)
    /// Anything else that SQLite reports.
    case database(path: String, code: Int, message: String, sql: String?)
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noStore, .noRuns, .unknownRun, .runRemoved, .wrongKind, .invalidRunName, .nameTaken, .noCheckpoint:
            return runDescription
        case .beingTrained, .takenOver, .goesBack:
            return ownerDescription
        case .folder(let path):
            return "\(path) is a folder, not a store. Name a file in it: \(path)/jacquard.sqlite"
        case .notSQLite(let path):
            return "\(path) is not a store: it is not an SQLite file. Choose another file with --store or "
                + "\(StorePath.environmentVariable); nothing was changed."
        case .otherApplication(let path, let id):
            return "\(path) is an SQLite file of another program (application id \(id)), not a store. Choose another "
                + "file with --store or \(StorePath.environmentVariable); nothing was changed."
        case .newerSchema(let path, let found, let supported):
            return "\(path) was made by a newer version of Jacquard (schema \(found), this program reads up to "
                + "\(supported)). Update this program, or use another store; nothing was changed."
        case .olderSchema(let path, let found, let supported):
            return "\(path) was made by an older version of Jacquard (schema \(found), this program needs "
                + "\(supported)) and cannot be brought up to date where it is. Copy it to a folder you can write to."
        case .json(let what, let reason):
            return "\(what) cannot be written or read as JSON: \(reason)"
        default:
            return fileDescription
        }
    }

    private var runDescription: String {
        switch self {
        case .noStore(let path):
            return
                "no model has been trained yet: there is no store at \(path). Train one first (`charnn train FILE`, "
                + "`ae train FOLDER`), or say where the store is with --store or \(StorePath.environmentVariable)."
        case .noRuns(let path, let kind?):
            return "no \(kind) model has been trained yet: \(path) holds no \(kind) run. Train one first with "
                + "`\(kind) train`, or name another store with --store or \(StorePath.environmentVariable)."
        case .noRuns(let path, nil):
            return "no model has been trained yet: \(path) holds no run. Train one first with `charnn train FILE` or "
                + "`ae train FOLDER`."
        case .unknownRun(let name, let near, let path):
            let hint = near.isEmpty ? "It holds no run at all." : "Did you mean \(Self.list(near))?"
            return "there is no run named '\(name)' in \(path). \(hint) The command `runs` lists all."
        case .runRemoved(let path):
            return "the run is no longer in \(path): it was removed meanwhile. What was not saved before is lost."
        case .wrongKind(let run, let kind, let expected):
            return "'\(run)' is a model of \(kind), and one of \(expected) is needed. Use it with the command "
                + "`\(kind)`, or choose one of those that `\(expected) runs` lists."
        case .invalidRunName(let name, let reason):
            return "'\(name)' cannot name a run: \(reason)"
        case .nameTaken(let name, let path):
            return "there is a run named '\(name)' in \(path) already. Choose another name, or remove that run first."
        case .noCheckpoint(let run, let wanted, let path):
            return "the run '\(run)' in \(path) has no \(wanted) checkpoint. Train it further, or choose another run."
        default:
            return ""
        }
    }

    private var ownerDescription: String {
        switch self {
        case .beingTrained(let run, let owner, let path):
            let advice =
                owner.isHere
                ? "Wait until it has finished, or end it with `kill \(owner.process)`: it saves first."
                : "It was heard of \(Int(max(0, -owner.heartbeat.timeIntervalSinceNow))) s ago. If it is gone, this "
                    + "works \(Int(RunOwner.trust / 60)) minutes after that."
            return "the run '\(run)' in \(path) is being trained by \(owner). \(advice) Nothing was changed."
        case .takenOver(let run, let owner, let path):
            return "the run '\(run)' in \(path) was taken over"
                + (owner.map { " by \($0)" } ?? "") + ", which took this one to be gone. Its checkpoints were left as "
                + "they are."
        case .goesBack(let run, let from, let to, let path):
            return "the run '\(run)' in \(path) has a checkpoint of step \(from), and was not set back to step \(to)."
        default:
            return ""
        }
    }

    private var fileDescription: String {
        switch self {
        case .moved(let path, let isReplaced):
            return isReplaced
                ? "\(path) is another file than before: it was replaced while it was in use."
                : "\(path) is gone: it was deleted or moved while it was in use."
        case .unreadable(let path, let reason):
            return "cannot read \(path): \(reason). Check its permissions, or choose another store with --store."
        case .notWritable(let path, let reason):
            return "cannot write to \(path): \(reason). Change the permissions, or choose another store with --store "
                + "or \(StorePath.environmentVariable)."
        case .locked(let path, let seconds):
            return "\(path) is locked by another program (waited \(seconds) s). Wait until it has finished, or end it; "
                + "`fuser \(path)` names it."
        case .full(let path):
            return "the disk is full: \(path) could not grow. What was saved before is intact. Free some space, or "
                + "remove runs nobody needs with the command `remove`."
        case .corrupt(let path, let detail):
            return "\(path) is damaged (\(detail)). Restore a copy, or save what can be saved: "
                + "sqlite3 \(path) .recover | sqlite3 rescued.sqlite"
        case .damagedTensor(let name, let run, let step, let reason, let path):
            return "the tensor '\(name)' of the run '\(run)', step \(step), in \(path) is damaged: \(reason). Load "
                + "another checkpoint of the run, or restore a copy of the store."
        case .exportExists(let path):
            return "\(path) exists already and was left as it is. Choose another name, or replace it with --force."
        case .closed(let path):
            return "\(path) has been closed. Open it again."
        case .database(let path, let code, let message, let sql):
            return "SQLite error \(code) in \(path): \(message)" + (sql.map { ", while executing: \($0)" } ?? "")
        default:
            return ""
        }
    }

    private static func list(_ names: [String]) -> String {
        let quoted = names.map { "'\($0)'" }
        return quoted.count < 2
            ? quoted.joined() : quoted.dropLast().joined(separator: ", ") + " or " + (quoted.last ?? "")
    }
}
