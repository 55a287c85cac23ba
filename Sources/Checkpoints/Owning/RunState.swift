import GRDB
import Synchronization

/// What has become of a run: its status, and whether somebody is there who makes it true.
package enum RunState: Sendable, Equatable {
    case running(RunOwner)
    /// It was being trained when its process died: killed, or without power. Its last checkpoint is intact.
    case killed
    case finished, interrupted, failed

    /// The state as one word, for programs: "running", "killed", …
    package var word: String {
        switch self {
        case .running: "running"
        case .killed: "killed"
        case .finished: "finished"
        case .interrupted: "interrupted"
        case .failed: "failed"
        }
    }
}

extension CheckpointStore {
    /// What has become of a run by now. Status and owner are read together: a run that ends between the two would seem
    /// to have been killed.
    package func state(of run: Run) throws(StoreError) -> RunState {
        let (status, owner) = try read { database in
            (try fetchRun(database, run.id).status, try ownerRow(of: run.id, in: database).map(seen))
        }
        switch status {
        case .finished: return .finished
        case .interrupted: return .interrupted
        case .failed: return .failed
        case .running: return owner.flatMap { $0.isAlive ? .running($0) : nil } ?? .killed
        }
    }

    /// Whether a run was killed before it saved anything: it then holds nothing but its name and its plan.
    func isStillborn(_ run: Run, in database: Database) throws -> Bool {
        guard run.status == .running else { return false }
        let saved = try Int.fetchOne(
            database, sql: "SELECT count(*) FROM checkpoint WHERE run_id = ?", arguments: [run.id.rawValue])
        guard saved == 0 else { return false }
        try refuseIfTaken(run, in: database)
        return try ownerRow(of: run.id, in: database).map { $0.token != tokens.withLock { $0[run.id.rawValue] } }
            ?? true
    }
}
