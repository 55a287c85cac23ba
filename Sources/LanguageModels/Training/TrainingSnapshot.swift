import Checkpoints
import TensorCore
import Training

/// A state that training can go back to: position, weights, optimizer slots, carried state.
struct TrainingSnapshot {
    var position: TrainingPosition
    var weights: NamedTensors
    var slots: NamedTensors
    var carried: ModelState

    private static let prefix = "rollback/"

    /// For a checkpoint between two such states: all tensors, under names of their own.
    var stored: NamedTensors {
        var tensors = NamedTensors()
        for (name, tensor) in weights { tensors["\(Self.prefix)parameter/\(name)"] = tensor }
        for (name, tensor) in slots { tensors["\(Self.prefix)optimizer/\(name)"] = tensor }
        for (name, tensor) in carried.named { tensors["\(Self.prefix)state/\(name)"] = tensor }
        return tensors
    }

    init(position: TrainingPosition, weights: NamedTensors, slots: NamedTensors, carried: ModelState) {
        (self.position, self.weights, self.slots, self.carried) = (position, weights, slots, carried)
    }

    /// - Throws: ``LanguageModelError/damagedCheckpoint(_:)``
    init(
        position: TrainingPosition, stored: NamedTensors, configuration: ModelConfiguration, lanes: Int
    ) throws(LanguageModelError) {
        func part(_ section: String) -> NamedTensors {
            let prefix = "\(Self.prefix)\(section)/"
            return NamedTensors(
                stored.filter { $0.name.hasPrefix(prefix) }.map { (String($0.name.dropFirst(prefix.count)), $0.tensor) }
            )
        }
        self.init(
            position: position, weights: part("parameter"), slots: part("optimizer"),
            carried: try ModelState(named: part("state"), configuration: configuration, lanes: lanes))
    }
}
