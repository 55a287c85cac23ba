package import Autodiff
package import TensorCore

/// A rule that turns gradients into a step. It never holds the model: parameters and gradients are passed in, and
/// what it remembers between steps are named tensors that a checkpoint can hold.
///
/// Definitions and defaults are PyTorch's (`torch.optim`), so that a recipe carries over. A step writes parameters
/// and slots in place and allocates nothing once every slot exists; the bits depend on neither the number of threads
/// nor the instruction set.
package protocol Optimizer: Sendable {
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
