package import Kernels
package import TensorCore
import Training

/// What a plan takes, compared with what there is before anything is made.
extension RunPlan {
    /// Trainable numbers.
    package var parameterCount: Int {
        parameterShapes.reduce(PlannedAmount(0)) { $0 + PlannedAmount($1.shape.count) }.value
    }

    /// - Parameters:
    ///   - data: bytes that the text or the pictures take besides.
    ///   - limit: what this process may take.
    /// - Throws: ``RunError/notEnoughMemory(planned:limit:remedy:)``
    package func checkMemory(data: Int = 0, limit: MemoryLimit = .current) throws(RunError) {
        let planned = (PlannedAmount(trainingMemory) + PlannedAmount(data)).value
        guard planned <= limit.bytes else {
            throw .notEnoughMemory(planned: planned, limit: limit, remedy: "Lower " + Self.memoryOptions)
        }
    }

    /// Bytes of a checkpoint: weights, and what the optimizer keeps for each.
    package var checkpointBytes: Int {
        (PlannedAmount(parameterCount) * PlannedAmount(4 * (1 + settings.optimizer.kind.slots))).value
    }

    /// Whether the checkpoints of the run will find room on a file system. A checkpoint is written beside the store first
    /// and then into it; four are there at once when a run goes on for long.
    /// - Parameters:
    ///   - free: bytes that are left there; nil if it does not say.
    ///   - path: of the store.
    /// - Returns: whether there is room for all; otherwise for the first ones only.
    /// - Throws: ``RunError/notEnoughSpace(planned:free:path:)`` if there is none for the first.
    package func checkSpace(free: Int?, path: String) throws(RunError) -> Bool {
        guard let free else { return true }
        let checkpoint = PlannedAmount(checkpointBytes), first = (2 * checkpoint).value
        guard first <= free else { throw .notEnoughSpace(planned: first, free: free, path: path) }
        return (5 * checkpoint).value <= free
    }
}

extension NamedTensors {
    /// Whether these are the tensors of a model, before it is built: what a store says of a model need not be what it
    /// holds, and the room for it is not taken before.
    /// - Throws: ``RunError/damagedCheckpoint(_:)`` naming a tensor that is missing or has another shape.
    package func check(_ expected: [(name: String, shape: Shape)]) throws(RunError) {
        for (name, shape) in expected {
            guard let tensor = self[name] else { throw .damagedCheckpoint("no tensor \(name)") }
            guard tensor.shape == shape else {
                throw .damagedCheckpoint("tensor \(name) has shape \(tensor.shape), the model \(shape)")
            }
        }
    }
}
