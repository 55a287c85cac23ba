import FileTrees
import Foundation
import GRDB

extension CheckpointStore {
    /// Removes a run with everything that belongs to it, and gives its space back to the file system.
    ///
    /// - Throws: as the removal of several.
    public func remove(_ id: Run.ID) throws(StoreError) { try remove([id]) }

    /// Removes runs with everything that belongs to them, and gives their space back to the file system. Where the disk
    /// is so full that SQLite has no room to write down what it is about to change, the store is made anew from the
    /// other runs and the texts, among the temporary files first; this store is closed then.
    ///
    /// - Throws: `runRemoved` when one is gone already, `beingTrained`, `locked`; `full` if there is no room among the
    ///   temporary files either.
    public func remove(_ ids: some Collection<Run.ID>) throws(StoreError) {
        do throws(StoreError) {
            try write { database in
                for id in ids {
                    try refuseIfTaken(fetchRun(database, id), in: database)
                    try database.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [id.rawValue])
                }
            }
            try shrink()
        } catch .full {
            try makeAnew(without: Set(ids))
        }
    }

    private func makeAnew(without ids: Set<Run.ID>) throws(StoreError) {
        let temporary = FileManager.default.temporaryDirectory.path
        let away = StoreFile("\(temporary)/jacquard-\(UUID().uuidString).sqlite")
        try copyRuns(besides: ids, to: away)
        try close()
        let relocation = Relocation(StoreFile(path), away: away)
        try translating(path: path, busyTimeout: options.busyTimeout) {
            try relocation.leaveLink(busyTimeout: options.busyTimeout)
            try relocation.comeBack()
        }
    }

    private func copyRuns(besides ids: Set<Run.ID>, to away: StoreFile) throws(StoreError) {
        do throws(StoreError) {
            let copy = try CheckpointStore.open(at: away.path, access: .readWrite, options: options)
            defer { try? copy.close() }
            try read { source in
                try copy.write { target in
                    try target.execute(sql: "DELETE FROM run")
                    let all = try StoredRow.fetchAll(source, "run", "ORDER BY id", path: path).map(run(from:))
                    for run in all where !ids.contains(run.id) {
                        try copyRows(of: run, from: source, to: target, weightsOnly: false)
                    }
                    try copyTexts(from: source, to: target)
                    // No number is used twice.
                    try target.execute(sql: "DELETE FROM sqlite_sequence")
                    for row in try Row.fetchAll(source, sql: "SELECT name, seq FROM sqlite_sequence") {
                        try target.execute(
                            sql: "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
                            arguments: StatementArguments(row.databaseValues))
                    }
                }
            }
            try copy.closeAsOneFile()
            try away.synchronize()
        } catch {
            CheckpointStore.discard(away.path)
            throw error.naming(path, insteadOf: away.path)
        }
    }
}

/// A store that leaves a full disk and comes back. At every moment its path leads to a whole store: after the first
/// step through a link, to the one that is away.
private struct Relocation {
    private let place: StoreFile
    private let away: StoreFile

    init(_ place: StoreFile, away: StoreFile) { (self.place, self.away) = (place, away) }

    /// Puts a link in the store's place, which takes no room; what the store took is free then.
    func leaveLink(busyTimeout: Double) throws {
        let link = place.beside(".partial-" + String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16))
        guard away.place.withCString({ target in link.withCString { symlink(target, $0) } }) == 0 else {
            throw place.notWritable()
        }
        var isDone = false
        defer { if !isDone { _ = link.withCString { unlink($0) } } }
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeout)
        configuration.prepareDatabase { database in
            try StoreConnection.guardAgainstSchema(database)
            // Nobody else has it open while this has, and no memory is shared, for which there is no room.
            try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
        }
        let queue = try DatabaseQueue(path: place.uri(), configuration: configuration)
        defer { try? queue.close() }
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN IMMEDIATE")
            defer { try? database.execute(sql: "ROLLBACK") }
            guard !place.hasLivingOwner(database) else { throw StoreError.inUse(path: place.path) }
            guard link.withCString({ from in place.place.withCString { rename(from, $0) } }) == 0 else {
                throw place.notWritable()
            }
            isDone = true
            for ending in StoreFile.endings { _ = place.beside(ending).withCString { unlink($0) } }
        }
    }

    func comeBack() throws {
        let unfinished = try UnfinishedStore(for: place)
        do {
            try FileCopy.copy(away.place, to: unfinished.file.place, from: away, to: unfinished.file)
            try unfinished.file.synchronize()
            try unfinished.moveOver()
        } catch {
            unfinished.remove()
            throw StoreError.notWritable(
                path: place.path,
                reason: "what is left of the store is in \(away.path) now, where a link leads to it, since there is no "
                    + "room for it here")
        }
        try place.synchronizeFolder()
        CheckpointStore.discard(away.path)
    }
}
