public import TensorCore

/// The derivatives of a scalar by the leaves of a tape.
public struct Gradients {
    var bySlot: [Int: Tensor]
    let slotOfParameter: [ObjectIdentifier: Int]

    /// Nil if the scalar does not depend on the variable, or the variable is not a leaf.
    public subscript(variable: Variable) -> Tensor? {
        variable.slot.flatMap { bySlot[$0] }
    }

    /// Nil if the scalar does not depend on the parameter.
    public subscript(parameter: Parameter) -> Tensor? {
        slotOfParameter[ObjectIdentifier(parameter)].flatMap { bySlot[$0] }
    }

    /// Gradients of the given parameters by name, in their order; zeros where the scalar does not depend on one.
    public func named(_ parameters: [Parameter]) -> NamedTensors {
        NamedTensors(parameters.map { ($0.name, self[$0] ?? Tensor(zeros: $0.value.shape)) })
    }
}
