import Foundation
import GRDB
import TensorCore

extension CheckpointStore {
    /// The checkpoints of a run in the order in which they were saved, without their tensors.
    public func checkpoints(of id: Run.ID) throws(StoreError) -> [CheckpointSummary] {
        try read { database in
            try StoredRow.fetchAll(
                database, "checkpoint", "WHERE run_id = ? ORDER BY id", [id.rawValue], path: path
            ).map { row in
                CheckpointSummary(
                    step: try row.integer("step"), epoch: try row.number("epoch"),
                    createdAt: try row.time("created_at"),
                    isLatest: try row.flag("is_latest"), isBest: try row.flag("is_best"),
                    validationLoss: try row.optionalNumber("validation_loss"))
            }
        }
    }

    /// Loads a checkpoint with all its tensors, or those of some sections. Every row is verified by its checksum, where
    /// it has one; weights and buffers are finite.
    ///
    /// - Throws: `noCheckpoint`; `damagedTensor`, which names the tensor; `damagedValue`; `runRemoved`.
    package func loadCheckpoint(
        _ selection: CheckpointSelection, of id: Run.ID, sections: Set<Checkpoint.Section>? = nil
    ) throws(StoreError) -> Checkpoint {
        try loadCheckpoint(selection, of: id, sections: sections, mustBeFinite: true)
    }

    /// - Parameter mustBeFinite: whether weights are refused of which some are infinite or not a number. Training that
    ///   was stopped just when it had spoiled its weights goes on from them, to go back at its next step.
    package func loadCheckpoint(
        _ selection: CheckpointSelection, of id: Run.ID, sections: Set<Checkpoint.Section>? = nil, mustBeFinite: Bool
    ) throws(StoreError) -> Checkpoint {
        try read { database in
            let run = try fetchRun(database, id), row = try fetchCheckpoint(database, selection, of: run)
            let key = try row.identifier("id"), damage = damage(try row.integer("step"), of: run)
            var loaded: [Checkpoint.Section: NamedTensors] = [:]
            for tensor in try storedTensors(database, of: row, damage)
            where sections?.contains(tensor.section) ?? true {
                loaded[tensor.section, default: NamedTensors()][tensor.name] = try tensor.read(
                    database, checkpoint: key, path: path, mustBeFinite: mustBeFinite,
                    damage: { damage(tensor.name, $0) })
            }
            return Checkpoint(
                step: try row.integer("step"), epoch: try row.number("epoch"),
                validationLoss: try row.optionalNumber("validation_loss"), sections: loaded,
                state: Data(try row.verifiedText("state").utf8))
        }
    }

    private func damage(_ step: Int, of run: Run) -> StoredTensor.Damage {
        { [path] name, reason in
            .damagedTensor(name: name, run: run.name, step: step, reason: reason, path: path)
        }
    }

    private func storedTensors(
        _ database: Database, of row: StoredRow, _ damage: StoredTensor.Damage
    ) throws -> [StoredTensor] {
        let stored = try StoredTensor.fetchAll(
            database, checkpoint: try row.identifier("id"), path: path, damage: damage)
        let expected = try row.integer("tensor_count")
        guard stored.count == expected else {
            throw damage("?", "the checkpoint has \(expected) tensors, and \(stored.count) are there")
        }
        return stored
    }

    private func fetchCheckpoint(
        _ database: Database, _ selection: CheckpointSelection, of run: Run
    ) throws -> StoredRow {
        let (condition, step) =
            switch selection {
            case .latest: ("is_latest = 1", nil as Int?)
            case .best: ("is_best = 1", nil)
            case .step(let step): ("step = ?2", step)
            }
        let key = try Int64.fetchOne(
            database,
            sql: "SELECT id FROM checkpoint WHERE run_id = ?1 AND ?2 IS ?2 AND \(condition) ORDER BY id DESC LIMIT 1",
            arguments: [run.id.rawValue, step])
        // Looked up again by its number: the record says what it is, and not an index, which may be damaged.
        let row = try key.flatMap {
            try StoredRow.fetchAll(database, "checkpoint", "WHERE id = ?", [$0], path: path).first
        }
        guard let row else {
            throw StoreError.noCheckpoint(run: run.name, wanted: "\(selection)", path: path)
        }
        guard try row.identifier("run_id") == run.id.rawValue else {
            throw row.unexpected("run_id", "\(run.id.rawValue)")
        }
        switch selection {
        case .latest where try !row.flag("is_latest"): throw row.unexpected("is_latest", "1")
        case .best where try !row.flag("is_best"): throw row.unexpected("is_best", "1")
        default: return row
        }
    }
}
