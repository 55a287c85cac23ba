package import Autodiff
package import TensorCore

/// Something with trainable parameters, and perhaps with state that is saved but not trained.
package protocol Layer {
    /// In a fixed order, under PyTorch's state-dict names.
    var parameters: [Parameter] { get }
    /// What is saved with the parameters but not trained, running statistics for instance.
    var buffers: NamedTensors { get }
}

extension Layer {
    package var buffers: NamedTensors { NamedTensors() }
}

/// A layer that turns one variable into another. How each is called is its own affair for other layers: a recurrent
/// one takes and returns a state, an embedding takes ids.
package protocol PlainLayer: Layer {
    func callAsFunction(_ x: Variable, mode: Mode) -> Variable
}

/// Whether a model learns or is used.
package enum Mode: Hashable, Sendable {
    case inference
    /// The stream holds the seed and the step; a layer that draws random numbers adds its own number to
    /// `stream.stream`, so that masks differ from layer to layer and from step to step, and a step can be repeated.
    case training(RandomStream)
}
