/// What can go wrong with a store. The description says what, where, and what to do about it.
package enum StoreError: Error, Equatable, Sendable {
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
    case wrongKind(run: String, kind: String, expected: String)
    case invalidRunName(name: String, reason: String)
    case nameTaken(name: String, path: String)
    case noCheckpoint(run: String, wanted: String, path: String)

    case folder(path: String)
    case notSQLite(path: String)
    case otherApplication(path: String, applicationID: Int)
    case newerSchema(path: String, found: Int, supported: Int)
    /// Its schema declares something that a store does not: `object` names it ("trigger 'x'"). `isChanged`: a store has
    /// one of that name, and declares it otherwise.
    case foreignSchema(path: String, object: String, isChanged: Bool)

    /// The path no longer leads to the file that was opened: it was deleted or moved, or another file took its place.
    case moved(path: String, isReplaced: Bool)
    case unreadable(path: String, reason: String)
    case notWritable(path: String, reason: String)
    case locked(path: String, seconds: Double)
    case full(path: String)
    case corrupt(path: String, detail: String)
    /// A tensor whose rows do not make up its shape, or are missing.
    case damagedTensor(name: String, run: String, step: Int, reason: String, path: String)
    /// A value that cannot be what its column holds.
    case damagedValue(table: String, row: String, column: String, reason: String, path: String)

    case exportExists(path: String)
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
