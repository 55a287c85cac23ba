package import Foundation
import GRDB
import Requirements
import TensorCore

extension CheckpointStore {
    /// Saves a checkpoint, and the history made since the last one, in one transaction that is on the disk when this
    /// returns. Checkpoints that need not be kept give way to it.
    ///
    /// A validation loss that is not finite becomes an event, and the checkpoint is then not the best.
    ///
    /// - Parameter mayGoBack: whether the run has been set back, so that the step may be less than that of the latest
    ///   checkpoint.
    /// - Throws: `beingTrained`, `takenOver`, `goesBack`, `runRemoved`, `full`, `locked`, `json` when the state is not
    ///   JSON in UTF-8. The store is then as it was.
    /// - Complexity: writes all tensors twice, into the log and into the store.
    package func save(
        _ checkpoint: Checkpoint, in id: Run.ID, isBest: Bool, retention: Retention = .last(2),
        with history: History = History(), mayGoBack: Bool = false
    ) throws(StoreError) {
        let state = try CanonicalJSON.validated(checkpoint.state, what: Self.stateOfACheckpoint)
        var loss = checkpoint.validationLoss, isBest = isBest, history = history
        if let value = loss, !value.isFinite {
            history.events.append(Self.event(ofNotFinite: "validation_loss", value, step: checkpoint.step))
            loss = nil
            isBest = false
        }
        try writeIntoFile { database in
            let run = try fetchRun(database, id)
            try take(run, in: database)
            if !mayGoBack { try refuseToGoBack(run, to: checkpoint.step, in: database) }
            try database.execute(
                sql: "UPDATE checkpoint SET is_latest = 0 WHERE run_id = ? AND is_latest = 1", arguments: [id.rawValue])
            if isBest {
                try database.execute(
                    sql: "UPDATE checkpoint SET is_best = 0 WHERE run_id = ? AND is_best = 1", arguments: [id.rawValue])
            }
            // Before the new one: it can then use the space at once, and the file stops growing.
            try retire(retention, of: id, in: database)
            try database.execute(
                sql: """
                    INSERT INTO checkpoint (run_id, step, epoch, created_at, is_latest, is_best, validation_loss,
                                            tensor_count, state, state_crc32)
                    VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, crc32(?8))
                    """,
                arguments: [
                    id.rawValue, checkpoint.step, checkpoint.epoch, Timestamp.text(Date()), isBest, loss,
                    checkpoint.sections.values.reduce(0) { $0 + $1.count }, state,
                ])
            let checkpointID = database.lastInsertedRowID
            for section in Checkpoint.Section.allCases {
                guard let tensors = checkpoint.sections[section] else { continue }
                try TensorRows.insert(
                    tensors, section: section, checkpoint: checkpointID, chunkBytes: options.chunkBytes, into: database)
            }
            try insert(history, of: id, into: database)
        }
    }

    /// Replaces the state of the latest checkpoint, whose tensors have not changed since.
    ///
    /// - Throws: as ``save(_:in:isBest:retention:with:mayGoBack:)``; `noCheckpoint` if the latest one is of another step.
    package func amendLatest(
        step: Int, state: Data, of id: Run.ID, with history: History
    ) throws(StoreError) {
        let state = try CanonicalJSON.validated(state, what: Self.stateOfACheckpoint)
        try write { database in
            let run = try fetchRun(database, id)
            try take(run, in: database)
            try database.execute(
                sql: """
                    UPDATE checkpoint SET state = ?1, state_crc32 = crc32(?1)
                    WHERE run_id = ?2 AND is_latest = 1 AND step = ?3
                    """,
                arguments: [state, id.rawValue, step])
            guard database.changesCount == 1 else {
                throw StoreError.noCheckpoint(run: run.name, wanted: "step-\(step)", path: path)
            }
            try insert(history, of: id, into: database)
        }
    }

    private func refuseToGoBack(_ run: Run, to step: Int, in database: Database) throws {
        let latest = try Int.fetchOne(
            database, sql: "SELECT step FROM checkpoint WHERE run_id = ? AND is_latest = 1",
            arguments: [run.id.rawValue])
        guard let latest, step < latest else { return }
        throw StoreError.goesBack(run: run.name, from: latest, to: step, path: path)
    }

    private func retire(_ retention: Retention, of id: Run.ID, in database: Database) throws {
        guard case .last(let count) = retention else { return }
        require(count >= 1, "a run keeps its last checkpoint: \(count) cannot be kept")
        try database.execute(
            sql: """
                DELETE FROM checkpoint WHERE run_id = ?1 AND is_best = 0 AND id NOT IN
                    (SELECT id FROM checkpoint WHERE run_id = ?1 ORDER BY id DESC LIMIT ?2)
                """,
            arguments: [id.rawValue, count - 1])
    }

    private static let stateOfACheckpoint = "the state of the checkpoint"
}
