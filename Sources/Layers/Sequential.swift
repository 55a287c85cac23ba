package import Autodiff
import Requirements
package import TensorCore

/// Plain layers one after the other.
package struct Sequential: PlainLayer {
    package let layers: [any PlainLayer]

    package init(_ layers: any PlainLayer...) { self.init(layers) }

    /// - Precondition: parameter names differ.
    package init(_ layers: [any PlainLayer]) {
        let names = layers.flatMap { $0.parameters.map(\.name) }
        require(Set(names).count == names.count, "two parameters share a name among \(names)")
        self.layers = layers
    }

    package var parameters: [Parameter] { layers.flatMap(\.parameters) }

    package var buffers: NamedTensors {
        var all = NamedTensors()
        for layer in layers {
            for (name, tensor) in layer.buffers { all[name] = tensor }
        }
        return all
    }

    package func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable {
        layers.reduce(x) { $1($0, mode: mode) }
    }
}
