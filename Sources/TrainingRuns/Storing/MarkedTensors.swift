import Autodiff
import Checkpoints
import TensorCore
import Training

/// The tensors of a state to go back to in a checkpoint of a later one: all in one section, under names of their own.
enum MarkedTensors {
    typealias Sections = [Checkpoint.Section: NamedTensors]

    private static let prefix = "rollback/"

    static func stored(_ sections: Sections) -> NamedTensors {
        var tensors = NamedTensors()
        for section in Checkpoint.Section.allCases {
            for (name, tensor) in sections[section] ?? NamedTensors() {
                tensors["\(prefix)\(section.rawValue)/\(name)"] = tensor
            }
        }
        return tensors
    }

    static func sections(stored: NamedTensors) -> Sections {
        var sections: Sections = [:]
        for section in Checkpoint.Section.allCases {
            let prefix = "\(Self.prefix)\(section.rawValue)/"
            sections[section] = NamedTensors(
                stored.filter { $0.name.hasPrefix(prefix) }.map { (String($0.name.dropFirst(prefix.count)), $0.tensor) }
            )
        }
        return sections
    }

    /// - Parameter step: of the state to go back to.
    /// - Throws: ``RunError/damagedCheckpoint(_:)`` or an `OptimizerStateError`.
    static func check(
        _ sections: Sections, step: Int, _ optimizer: OptimizerConfiguration, _ parameters: [Parameter]
    ) throws {
        for parameter in parameters {
            guard let tensor = sections[.parameter]?[parameter.name], tensor.shape == parameter.value.shape else {
                throw RunError.damagedCheckpoint(
                    "the state to go back to has no \(parameter.name) of shape \(parameter.value.shape)")
            }
        }
        _ = try optimizer.makeOptimizer(
            step: step, slots: sections[.optimizer] ?? NamedTensors(), for: parameters)
    }
}
