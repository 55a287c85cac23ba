package import Autodiff

/// A function applied to each element, as a layer without parameters.
package enum Activation: PlainLayer, Hashable, Codable, Sendable {
    case linear, tanh, sigmoid, relu, gelu
    case leakyReLU(slope: Float)

    package var parameters: [Parameter] { [] }

    package func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable {
        switch self {
        case .linear: x
        case .tanh: x.tanh()
        case .sigmoid: x.sigmoid()
        case .relu: x.relu()
        case .gelu: x.gelu()
        case .leakyReLU(let slope): x.leakyReLU(slope: slope)
        }
    }
}
