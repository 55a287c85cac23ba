package import TensorCore

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
