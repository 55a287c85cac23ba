public import Autodiff
import Requirements
public import TensorCore

/// Plain layers one after the other.
public struct Sequential: PlainLayer {
    public let layers: [any PlainLayer]

    public init(_ layers: any PlainLayer...) { self.init(layers) }

    /// - Precondition: parameter names differ.
    public init(_ layers: [any PlainLayer]) {
        let names = layers.flatMap { $0.parameters.map(\.name) }
        require(Set(names).count == names.count, "two parameters share a name among \(names)")
        self.layers = layers
    }

    public var parameters: [Parameter] { layers.flatMap(\.parameters) }

    public var buffers: NamedTensors {
        var all = NamedTensors()
        for layer in layers {
            for (name, tensor) in layer.buffers { all[name] = tensor }
        }
        return all
    }

    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable {
        layers.reduce(x) { $1($0, mode: mode) }
    }
}
