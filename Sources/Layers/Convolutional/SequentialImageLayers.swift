package import Autodiff
package import LayerEngines
import Requirements
package import TensorCore

/// Image layers one after the other; the buffers of all go through.
package struct SequentialImageLayers: ImageLayer {
    package let layers: [any ImageLayer]

    package init(_ layers: any ImageLayer...) { self.init(layers) }

    /// - Precondition: the names of parameters and buffers differ.
    package init(_ layers: [any ImageLayer]) {
        let names = layers.flatMap { $0.parameters.map(\.name) + $0.buffers.names }
        require(Set(names).count == names.count, "two parameters or buffers share a name among \(names)")
        self.layers = layers
    }

    package var parameters: [Parameter] { layers.flatMap(\.parameters) }

    package var buffers: NamedTensors {
        NamedTensors(layers.flatMap { Array($0.buffers) })
    }

    package func callAsFunction(_ x: ImageBlocks, buffers: inout NamedTensors, mode: Mode) -> ImageBlocks {
        var y = x
        for layer in layers { y = layer(y, buffers: &buffers, mode: mode) }
        return y
    }
}
