package import LayerEngines
package import TensorCore

// What works on each element by itself works on images in blocks as it does on rows.

extension Activation: ImageLayer {
    package func callAsFunction(_ x: ImageBlocks, buffers: inout NamedTensors, mode: Mode) -> ImageBlocks {
        x.map { self($0, mode: mode) }
    }
}

extension Dropout: ImageLayer {
    package func callAsFunction(_ x: ImageBlocks, buffers: inout NamedTensors, mode: Mode) -> ImageBlocks {
        x.map { self($0, mode: mode) }
    }
}
