import Autodiff
import Checkpoints
import TensorCore
import Training

/// A state that training can go back to: position, weights, optimizer slots, and what else goes with them.
struct TrainingSnapshot<Cursor: Codable & Equatable> {
    var position: TrainingPosition<Cursor>
    /// Parameters, optimizer slots, companions.
    var sections: [Checkpoint.Section: NamedTensors]

    private static var prefix: String { "rollback/" }

    init(position: TrainingPosition<Cursor>, sections: [Checkpoint.Section: NamedTensors]) {
        (self.position, self.sections) = (position, sections)
    }

    /// For a checkpoint between two such states: all tensors, under names of their own.
    var stored: NamedTensors {
        var tensors = NamedTensors()
        for section in Checkpoint.Section.allCases {
            for (name, tensor) in sections[section] ?? NamedTensors() {
                tensors["\(Self.prefix)\(section.rawValue)/\(name)"] = tensor
            }
        }
        return tensors
    }

    init(position: TrainingPosition<Cursor>, stored: NamedTensors) {
        var sections: [Checkpoint.Section: NamedTensors] = [:]
        for section in Checkpoint.Section.allCases {
            let prefix = "\(Self.prefix)\(section.rawValue)/"
            sections[section] = NamedTensors(
                stored.filter { $0.name.hasPrefix(prefix) }.map { (String($0.name.dropFirst(prefix.count)), $0.tensor) }
            )
        }
        self.init(position: position, sections: sections)
    }

    /// What was stored under the names of a state to go back to is not part of the state training stands in.
    static func isStored(_ name: String) -> Bool { name.hasPrefix(prefix) }

    /// - Throws: ``RunError/damagedCheckpoint(_:)`` or an `OptimizerStateError`.
    func check(_ optimizer: OptimizerConfiguration, _ parameters: [Parameter]) throws {
        for parameter in parameters {
            guard let tensor = sections[.parameter]?[parameter.name], tensor.shape == parameter.value.shape else {
                throw RunError.damagedCheckpoint(
                    "the state to go back to has no \(parameter.name) of shape \(parameter.value.shape)")
            }
        }
        _ = try optimizer.makeOptimizer(
            step: position.step, slots: sections[.optimizer] ?? NamedTensors(), for: parameters)
    }
}
