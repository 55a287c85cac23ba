import Foundation
import GRDB
import TensorCore

extension CheckpointStore {
    /// The checkpoints of a run in the order in which they were saved, without their tensors.
    public func checkpoints(of id: Run.ID) throws(StoreError) -> [CheckpointSummary] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM checkpoint WHERE run_id = ? ORDER BY id", arguments: [id.rawValue]
            ).map { row in
                CheckpointSummary(
                    step: row["step"], epoch: row["epoch"],
                    createdAt: try Timestamp.date(row["created_at"], path: path), isLatest: row["is_latest"],
                    isBest: row["is_best"], validationLoss: row["validation_loss"])
            }
        }
    }

    /// Loads a checkpoint with all its tensors, or those of some sections.
    ///
    /// - Throws: `noCheckpoint`; `damagedTensor`, which names the tensor; `runRemoved`.
    public func loadCheckpoint(
        _ selection: CheckpointSelection, of id: Run.ID, sections: Set<Checkpoint.Section>? = nil
    ) throws(StoreError) -> Checkpoint {
        try read { database in
            let run = try fetchRun(database, id)
            let row = try fetchCheckpoint(database, selection, of: run)
            let key: Int64 = row["id"], step: Int = row["step"], expected: Int = row["tensor_count"]
            let stored = try StoredTensor.fetchAll(database, checkpoint: key)
            func damage(_ name: String, _ reason: String) -> StoreError {
                .damagedTensor(name: name, run: run.name, step: step, reason: reason, path: path)
            }
            guard stored.count == expected else {
                throw damage("?", "the checkpoint has \(expected) tensors, and \(stored.count) are there")
            }
            var loaded: [Checkpoint.Section: NamedTensors] = [:]
            for tensor in stored where sections?.contains(tensor.section) ?? true {
                loaded[tensor.section, default: NamedTensors()][tensor.name] = try tensor.read(
                    database, checkpoint: key, damage: { damage(tensor.name, $0) })
            }
            return Checkpoint(
                step: step, epoch: row["epoch"], validationLoss: row["validation_loss"], sections: loaded,
                state: Data((row["state"] as String).utf8))
        }
    }

    private func fetchCheckpoint(_ database: Database, _ selection: CheckpointSelection, of run: Run) throws -> Row {
        let condition: String
        var arguments: StatementArguments = [run.id.rawValue]
        switch selection {
        case .latest: condition = "is_latest = 1"
        case .best: condition = "is_best = 1"
        case .step(let step):
            condition = "step = ?"
            arguments += [step]
        }
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM checkpoint WHERE run_id = ? AND \(condition) ORDER BY id DESC LIMIT 1",
            arguments: arguments)
        guard let row else {
            throw StoreError.noCheckpoint(run: run.name, wanted: "\(selection)", path: path)
        }
        return row
    }
}
