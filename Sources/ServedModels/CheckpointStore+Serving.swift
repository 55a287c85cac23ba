import Checkpoints
import TrainingRuns

extension CheckpointStore {
    /// Calls `body` with the run that a request names, or the newest of a kind, and the step whose weights serve it, while
    /// the file is open: a server's store rests between calls, and to open it takes a millisecond.
    /// - Parameters:
    ///   - what: what models of this kind are of, for people.
    ///   - body: finds or loads the model.
    /// - Throws: ``ServedModelError``; ``StoreError`` where the store itself cannot be asked.
    func withServedRun<Model>(
        _ name: String?, kind: String, of what: String, _ body: (_ run: Run, _ step: Int?) throws -> Model
    ) throws -> Model {
        try withFileOpen {
            let run = try servedRun(name, kind: kind, of: what), step = try bestStep(of: run)
            do {
                return try body(run, step)
            } catch StoreError.moved(let path, let isReplaced) {
                throw StoreError.moved(path: path, isReplaced: isReplaced)
            } catch {
                throw ServedModelError.unusable(run.name, reason: "\(error)")
            }
        }
    }

    private func servedRun(_ name: String?, kind: String, of what: String) throws -> Run {
        let selection = name.map(RunSelection.named) ?? .newestWithBest
        switch Result(catching: { () throws(StoreError) in try runToUse(selection, kind: kind) }) {
        case .success(let run): return run
        case .failure(.unknownRun), .failure(.noRuns), .failure(.invalidRunName):
            throw ServedModelError.unknownModel(name, kind: what)
        case .failure(.wrongKind(let run, _, _)): throw ServedModelError.wrongKind(run, expected: what)
        case .failure(let error): throw error
        }
    }

    /// The step of the checkpoint that ``checkpointToUse(_:of:)`` loads for `best`, without its tensors.
    private func bestStep(of run: Run) throws(StoreError) -> Int? {
        let all = try checkpoints(of: run.id)
        return (all.first(where: \.isBest) ?? all.first(where: \.isLatest))?.step
    }
}

extension Run {
    /// Whether it is the run that was loaded. Where a store was replaced by another, that one counts its runs from 1 as
    /// well, and may have the number of the file that is gone.
    func isSame(as other: Run) -> Bool { (id, name) == (other.id, other.name) && createdAt == other.createdAt }
}
