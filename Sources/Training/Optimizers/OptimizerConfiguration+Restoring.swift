package import Autodiff
package import TensorCore

extension OptimizerConfiguration {
    /// The optimizer as it was after `step` steps: it goes on bit for bit.
    ///
    /// - Throws: ``OptimizerStateError`` if the slots are not those that this optimizer keeps for these parameters.
    package func makeOptimizer(
        step: Int, slots: NamedTensors, for parameters: [Parameter]
    ) throws(OptimizerStateError) -> any UpdateRule {
        var optimizer = makeOptimizer()
        let kept = type(of: optimizer).slotNames
        guard step >= 0 else { throw .negativeStep(step) }
        // In the order of the parameters, whatever order they were stored in.
        var ordered = NamedTensors()
        if step > 0 || slots.count > 0 {
            for parameter in parameters {
                for slot in kept {
                    let name = "\(parameter.name)/\(slot)"
                    guard let tensor = slots[name] else { throw .missing(slot: name, kind: kind) }
                    guard tensor.shape == parameter.value.shape else {
                        throw .shape(slot: name, found: tensor.shape, expected: parameter.value.shape)
                    }
                    ordered[name] = tensor
                }
            }
        }
        if let stranger = slots.names.first(where: { ordered[$0] == nil }) {
            throw .unknown(slot: stranger, kind: kind)
        }
        optimizer.slots = ordered
        optimizer.step = step
        return optimizer
    }
}

/// Stored slots that do not belong to the optimizer and the parameters they are restored for.
package enum OptimizerStateError: Error, Hashable, CustomStringConvertible {
    case negativeStep(Int)
    case missing(slot: String, kind: OptimizerKind)
    case shape(slot: String, found: Shape, expected: Shape)
    case unknown(slot: String, kind: OptimizerKind)

    package var description: String {
        let remedy = "the checkpoint is damaged or belongs to another model; start from its weights alone"
        switch self {
        case .negativeStep(let step): return "an optimizer after \(step) steps; \(remedy)"
        case .missing(let slot, let kind):
            return "the state of optimizer \(kind.rawValue) lacks the tensor \(slot); \(remedy)"
        case .shape(let slot, let found, let expected):
            return "optimizer slot \(slot) has shape \(found), its parameter \(expected); \(remedy)"
        case .unknown(let slot, let kind):
            return "optimizer \(kind.rawValue) has no use for the stored tensor \(slot); \(remedy)"
        }
    }
}
