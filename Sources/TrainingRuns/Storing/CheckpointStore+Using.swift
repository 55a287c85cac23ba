package import Checkpoints

extension CheckpointStore {
    /// The run to use. Before any run has been validated, the newest one is what there is.
    package func runToUse(_ selection: RunSelection, kind: String) throws(StoreError) -> Run {
        do {
            return try run(selection, kind: kind)
        } catch .noCheckpoint where selection == .newestWithBest {
            return try run(.latest, kind: kind)
        } catch {
            throw error
        }
    }

    /// The checkpoint to use, without what only training needs. A run that was never validated has no best one: its
    /// latest will do.
    package func checkpointToUse(
        _ selection: CheckpointSelection, of run: Run
    ) throws(StoreError) -> Checkpoint {
        let used: Set<Checkpoint.Section> = [.parameter, .buffer]
        do {
            return try loadCheckpoint(selection, of: run.id, sections: used)
        } catch .noCheckpoint where selection == .best {
            return try loadCheckpoint(.latest, of: run.id, sections: used)
        } catch {
            throw error
        }
    }

    /// Seconds of training up to the latest checkpoint; nil if there is none, or it does not say.
    package func trainingSeconds(of run: Run) throws(StoreError) -> Double? {
        guard try checkpoints(of: run.id).contains(where: \.isLatest) else { return nil }
        let state = try loadCheckpoint(.latest, of: run.id, sections: []).state
        return try? CanonicalJSON.decode(StateSeconds.self, from: state, what: "the state of run '\(run.name)'").seconds
    }
}

/// What is the same in the states of all kinds of runs.
private struct StateSeconds: Decodable {
    var seconds: Double
}
