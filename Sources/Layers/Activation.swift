public import Autodiff

/// A function applied to each element, as a layer without parameters.
public enum Activation: Layer, Hashable, Codable, Sendable {
    /// x.
    case linear
    /// tanh x.
    case tanh
    /// 1 / (1 + exp(-x)).
    case sigmoid
    /// max(x, 0).
    case relu
    /// x Φ(x), Φ the Gaussian distribution function (Hendrycks & Gimpel, 2016).
    case gelu
    /// x above zero, slope x below (Maas et al., 2013).
    case leakyReLU(slope: Float)

    /// None.
    public var parameters: [Parameter] { [] }

    /// The function of each element; the shape stays.
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable {
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
