import Autodiff
package import LayerEngines

/// A layer from images to images that takes them in blocks too, the layout in which the engine computes them. A run of
/// such layers in a ``Sequential`` is put into blocks at its beginning and back into rows at its end.
package protocol ImageLayer: Layer {
    /// [B, C, H, W, 16] to [B, C', H', W', 16].
    func callAsFunction(_ x: ImageBlocks, mode: Mode) -> ImageBlocks
}

extension ImageLayer {
    /// At inference.
    package func callAsFunction(_ x: ImageBlocks) -> ImageBlocks { self(x, mode: .inference) }

    /// The same for images in rows: [N, C, H, W] to [N, C', H', W'].
    func onRows(_ x: Variable, mode: Mode) -> Variable { self(x.inBlocks(), mode: mode).rows() }
}

/// A layer that works on each element by itself: in blocks as it does in rows, and on tensors of any shape.
package protocol ElementwiseLayer: ImageLayer {}

extension ElementwiseLayer {
    package func callAsFunction(_ x: ImageBlocks, mode: Mode) -> ImageBlocks { x.map { self($0, mode: mode) } }
}

extension Activation: ElementwiseLayer {}
extension Dropout: ElementwiseLayer {}
