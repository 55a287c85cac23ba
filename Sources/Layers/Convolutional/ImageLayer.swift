package import LayerEngines
package import TensorCore

/// A layer from images to images.
package protocol ImageLayer: Layer {
    /// - Parameter buffers: running statistics by name (``Layer/buffers`` gives their first values). A layer reads and
    ///   writes its own, and training changes them; whoever trains keeps and saves them.
    func callAsFunction(_ x: LaneBatch, buffers: inout NamedTensors, mode: Mode) -> LaneBatch
}
