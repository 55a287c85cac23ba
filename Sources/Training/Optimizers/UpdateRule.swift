package import Autodiff
import Requirements
package import TensorCore

/// How gradients become a step, with what is remembered between steps. It never holds the model: parameters and gradients
/// are passed in, and what it remembers are named tensors that a checkpoint can hold.
///
/// Definitions and defaults are PyTorch's (`torch.optim`), so that a recipe carries over. A step writes parameters
/// and slots in place and allocates nothing once every slot exists; the bits depend on neither the number of threads
/// nor the instruction set.
package protocol UpdateRule: Sendable {
    /// The slots of each parameter, under PyTorch's names; empty if nothing is remembered.
    static var slotNames: [String] { get }

    /// What is remembered, by `<parameter name>/<slot>`; empty before the first step.
    var slots: NamedTensors { get set }
    /// Steps taken.
    var step: Int { get set }

    /// One step.
    /// - Parameters:
    ///   - gradients: by parameter name; every parameter has one of its shape.
    ///   - rate: the learning rate of this step.
    ///   - scale: multiplies every gradient first (clipping by global norm).
    mutating func update(
        _ parameters: [Parameter], along gradients: NamedTensors, rate: Float, scale: Float, in context: ComputeContext)
}

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
