import GRDB

extension CheckpointStore {
    /// Removes a run with everything that belongs to it, and gives its space back to the file system.
    ///
    /// - Throws: `runRemoved` when it is gone already, `beingTrained`, `locked`.
    public func remove(_ id: Run.ID) throws(StoreError) {
        try write { database in
            try refuseIfTaken(fetchRun(database, id), in: database)
            try database.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [id.rawValue])
        }
        try shrink()
    }
}
