import Autodiff
import Requirements
import TensorCore

extension Parameter {
    /// Calls `body(parameter, gradient, start, count)` on consecutive pieces, on all threads; both pointers are at
    /// `start` already. The value is written in place unless somebody else holds it (then it is copied first).
    func forElements(
        along gradients: NamedTensors, in context: ComputeContext,
        _ body: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, _ start: Int, _ count: Int) -> Void
    ) {
        guard let gradient = gradients[name] else {
            fatalError("no gradient for parameter \(name) of shape \(value.shape)")
        }
        require(
            gradient.shape == value.shape,
            "gradient of shape \(gradient.shape) for parameter \(name) of shape \(value.shape)")
        let total = gradient.count
        value.withUnsafeMutablePointer { p in
            gradient.withUnsafePointer { g in
                context.forElements(of: total) { start, count in body(p + start, g + start, start, count) }
            }
        }
    }
}

extension NamedTensors {
    /// The slot of a parameter, for writing in place; zeros when it is new. The pointer is good for as long as the
    /// slots live and none of them is replaced.
    mutating func slot(_ slot: String, of parameter: Parameter) -> UnsafeMutablePointer<Float> {
        let name = "\(parameter.name)/\(slot)"
        var pointer = self[name]?.mutablePointer
        if pointer == nil {
            self[name] = Tensor(zeros: parameter.value.shape)
            pointer = self[name]?.mutablePointer
        }
        guard let pointer, let shape = self[name]?.shape, shape == parameter.value.shape else {
            fatalError(
                "slot \(name) of shape \(self[name]?.shape ?? []) for a parameter of shape \(parameter.value.shape)")
        }
        return pointer
    }
}
