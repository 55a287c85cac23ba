import Requirements
public import TensorCore

/// The derivatives of a scalar by the leaves of a tape: ``Tape/backward(from:)-(Variable)``.
public struct Gradients {
    var bySlot: [Int: Tensor]
    let slotOfParameter: [ObjectIdentifier: Int]
    package let tape: Tape

    /// Of the variable's shape. Nil if the scalar does not depend on the variable, or the variable is not a leaf.
    /// - Precondition: the variable is on the tape that was walked.
    public subscript(variable: Variable) -> Tensor? {
        require(variable.tape === tape, "the gradient by a variable of another tape")
        return variable.slot.flatMap { bySlot[$0] }
    }

    /// Of the parameter's shape. Nil if the scalar does not depend on the parameter.
    public subscript(parameter: Parameter) -> Tensor? {
        slotOfParameter[ObjectIdentifier(parameter)].flatMap { bySlot[$0] }
    }

    /// Gradients of the given parameters by name, in their order; zeros where the scalar does not depend on one.
    /// - Precondition: the names differ, as those of one model do. Where they do not, ask for each parameter by itself.
    public func named(_ parameters: [Parameter]) -> NamedTensors {
        NamedTensors.requireDistinct(parameters.map(\.name))
        return NamedTensors(parameters.map { ($0.name, self[$0] ?? Tensor(zeros: $0.value.shape)) })
    }
}
