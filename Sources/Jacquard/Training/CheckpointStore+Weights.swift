public import Checkpoints
public import TensorCore

extension CheckpointStore {
    /// The weights of a run, parameters and buffers by PyTorch's names: the best that validation has found, or the latest
    /// if nothing was validated.
    ///
    /// ```swift
    /// try model.load(store.weights(of: "digits"))
    /// ```
    /// - Throws: `StoreError`: no such run, nothing saved, damage.
    public func weights(of run: String) throws(StoreError) -> NamedTensors {
        let run = try self.run(named: run)
        let hasBest = try checkpoints(of: run.id).contains(where: \.isBest)
        let sections = try loadCheckpoint(hasBest ? .best : .latest, of: run.id, sections: [.parameter, .buffer])
            .sections
        var weights = sections[.parameter] ?? NamedTensors()
        for (name, tensor) in sections[.buffer] ?? NamedTensors() { weights[name] = tensor }
        return weights
    }
}
