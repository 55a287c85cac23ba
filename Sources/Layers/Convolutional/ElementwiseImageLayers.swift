package import LayerEngines
package import TensorCore

// What works on each element by itself works in lanes as it does on rows.

extension Activation: ImageLayer {
    package func callAsFunction(_ x: LaneBatch, buffers: inout NamedTensors, mode: Mode) -> LaneBatch {
        x.map { self($0, mode: mode) }
    }
}

extension Dropout: ImageLayer {
    package func callAsFunction(_ x: LaneBatch, buffers: inout NamedTensors, mode: Mode) -> LaneBatch {
        x.map { self($0, mode: mode) }
    }
}
