import Checkpoints
import TensorCore

/// A state that training can go back to.
struct TrainingSnapshot<Cursor: Codable & Equatable> {
    var position: TrainingPosition<Cursor>
    var place: Place

    typealias Sections = [Checkpoint.Section: NamedTensors]

    /// Where its tensors are. Weights and optimizer slots take as much memory as training itself keeps from step to
    /// step: it is spent only until they are found elsewhere.
    enum Place {
        case memory(Sections)
        /// The weights are those of a new run, made again when they are needed.
        case beginning(weights: (ComputeContext) -> NamedTensors, others: Sections)
        /// In the latest checkpoint of the run: beside the state training stood in, or that state itself.
        case store(isBeside: Bool)
    }
}
