package import Autodiff
package import LayerEngines
package import TensorCore

/// A layer from images to images.
package protocol ImageLayer {
    /// In a fixed order, under PyTorch's state-dict names.
    var parameters: [Parameter] { get }
    /// What is saved with the parameters but not trained, running statistics for instance.
    var buffers: NamedTensors { get }
    /// - Parameter buffers: running statistics by name (``buffers`` gives their first values). A layer reads and
    ///   writes its own, and training changes them; whoever trains keeps and saves them.
    func callAsFunction(_ x: ImageBlocks, buffers: inout NamedTensors, mode: Mode) -> ImageBlocks
}

extension ImageLayer {
    package var buffers: NamedTensors { NamedTensors() }
}
