import FileTrees
import Foundation
import GRDB
import Synchronization

extension CheckpointStore {
    /// Takes a run, so that nobody else trains, renames or removes it until this store is closed or the run's status
    /// becomes another than `running`. What writes to a run takes it by itself; to take it first is to know.
    ///
    /// - Returns: who had it, and died with it; nil if nobody had.
    /// - Throws: `beingTrained` if somebody else has it, `takenOver` if somebody took it from here, `runRemoved`.
    @discardableResult
    package func take(_ id: Run.ID) throws(StoreError) -> RunOwner? {
        let token = tokens.withLock { $0[id.rawValue] }
        return try write { database in
            let run = try fetchRun(database, id)
            return try take(run, holding: token, in: database)
        }
    }

    /// Gives a run back. Its status stays as it is.
    package func giveBack(_ id: Run.ID) throws(StoreError) {
        guard let token = tokens.withLock({ $0[id.rawValue] }) else { return }
        try write { try deleteOwner(of: id, token: token, in: $0) }
        forgetToken(of: id)
    }

    /// Leaves a run without giving it back, where its store takes nothing. For this process its owner counts as gone, and
    /// for others when this process has ended.
    package func abandon(_ id: Run.ID) {
        if let token = tokens.withLock({ $0.removeValue(forKey: id.rawValue) }) { LeftRuns.add(token) }
    }

    /// The process that trains a run, or that had the run when it died; nil if none has it.
    package func owner(of id: Run.ID) throws(StoreError) -> RunOwner? {
        try read { try ownerRow(of: id, in: $0).map(seen) }
    }

    /// Records that this process still trains the run.
    ///
    /// - Throws: `takenOver` if the run is somebody else's by now, `runRemoved`.
    package func beat(_ id: Run.ID) throws(StoreError) { try take(id) }

    // MARK: Within a transaction

    /// Sees to it that the run belongs to this store: the run that it holds a token for has that very owner still, and
    /// any other one has none that lives.
    @discardableResult
    func take(_ run: Run, in database: Database) throws -> RunOwner? {
        try take(run, holding: tokens.withLock { $0[run.id.rawValue] }, in: database)
    }

    @discardableResult
    private func take(_ run: Run, holding token: String?, in database: Database) throws -> RunOwner? {
        let row = try ownerRow(of: run.id, in: database)
        if let token {
            guard row?.token == token else {
                throw StoreError.takenOver(run: run.name, by: row.map(seen), path: path)
            }
            try database.execute(
                sql: "UPDATE owner SET heartbeat = ? WHERE run_id = ?",
                arguments: [Timestamp.text(Date()), run.id.rawValue])
            return nil
        }
        let before = row.map(seen)
        if let before, before.isAlive { throw StoreError.beingTrained(run: run.name, by: before, path: path) }
        let identity = options.identity ?? .current, now = Timestamp.text(Date()), fresh = UUID().uuidString
        // A commit that the disk failed in may be found in the log all the same when that is read again.
        LeftRuns.add(fresh)
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO owner
                    (run_id, token, host, boot, namespace, process, process_start, file, since, heartbeat)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                run.id.rawValue, fresh, identity.host, identity.boot, identity.namespace, identity.process,
                identity.start, fileIdentity.text, now, now,
            ])
        // A transaction that is rolled back leaves no row, and a token without one would say "taken over".
        whenCommitted { [weak self] in
            LeftRuns.remove(fresh)
            self?.tokens.withLock { $0[run.id.rawValue] = fresh }
        }
        return before
    }

    /// - Throws: `beingTrained` if anybody but this store has it.
    func refuseIfTaken(_ run: Run, in database: Database) throws {
        guard let row = try ownerRow(of: run.id, in: database),
            row.token != tokens.withLock({ $0[run.id.rawValue] })
        else { return }
        let owner = seen(row)
        if owner.isAlive { throw StoreError.beingTrained(run: run.name, by: owner, path: path) }
    }

    func deleteOwner(of id: Run.ID, in database: Database) throws {
        guard let token = tokens.withLock({ $0[id.rawValue] }) else { return }
        try deleteOwner(of: id, token: token, in: database)
        whenCommitted { [weak self] in self?.forgetToken(of: id) }
    }

    private func deleteOwner(of id: Run.ID, token: String, in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM owner WHERE run_id = ? AND token = ?", arguments: [id.rawValue, token])
    }

    private func forgetToken(of id: Run.ID) { _ = tokens.withLock { $0.removeValue(forKey: id.rawValue) } }

    func seen(_ row: OwnerRow) -> RunOwner {
        row.owner(seenBy: options.identity ?? .current, file: fileIdentity.text, now: Date())
    }

    func ownerRow(of id: Run.ID, in database: Database) throws -> OwnerRow? {
        // A file that is read only may be older than this table.
        guard try database.tableExists("owner") else { return nil }
        return try StoredRow.fetchAll(database, "owner", "WHERE run_id = ?", [id.rawValue], path: path).first
            .map(OwnerRow.init)
    }
}

extension CheckpointStore {
    /// A new store with all that this one held when it was last at rest: for when its path no longer leads to it.
    ///
    /// - Throws: `moved` if nothing was kept, `notWritable`, `full`, `corrupt`; nothing is left behind then.
    package func salvage(to path: String) throws(StoreError) -> CheckpointStore {
        let file = StoreFile(path)
        try copyKept(to: file)
        do throws(StoreError) {
            let copy = try CheckpointStore.open(at: path, access: .readWrite, options: options)
            // Another process may have been writing when the file went away.
            let found = try copy.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
            guard found == "ok" else { throw StoreError.corrupt(path: path, detail: found ?? "no answer") }
            return copy
        } catch {
            Self.discard(path)
            throw error
        }
    }

    /// Deletes a store that nobody has open, with the files beside it.
    package static func discard(_ path: String) {
        let file = StoreFile(path)
        for ending in [""] + StoreFile.endings { _ = file.beside(ending).withCString { unlink($0) } }
    }

    /// Names of files that do not exist, in which work can be kept that this store cannot take: beside it, in the
    /// current folder, and among temporary files.
    package var rescuePaths: [String] {
        let own = RawPath(path), here = RawPath(".")
        let folders = [own.folder, here, RawPath(FileManager.default.temporaryDirectory.path)]
        return folders.enumerated().compactMap { index, folder in
            guard FileTree.isFolder(folder), !folders[..<index].contains(folder) else { return nil }
            let paths = (1...1000).lazy.map { number in
                let name = own.stem + Array("-rescued-\(number).sqlite".utf8)
                return (folder == here ? RawPath(bytes: name) : folder.appending(Array(name))).text
            }
            return paths.first { StoreFile($0).identity == nil }
        }
    }
}
