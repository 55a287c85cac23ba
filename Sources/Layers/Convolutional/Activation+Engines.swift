import Autodiff
import LayerEngines

extension Activation {
    /// What the function multiplies a value below zero by while it leaves the others as they are; nil if it does not do
    /// that. A normalization applies such a function on the way out, and the pass over memory is saved.
    var slopeBelowZero: Float? {
        switch self {
        case .linear: 1
        case .relu: 0
        case .leakyReLU(let slope): slope
        case .tanh, .sigmoid, .gelu: nil
        }
    }

    /// The same function as a convolution applies it to its sums; nil where the derivative needs more than the result.
    var fused: FusedActivation? {
        switch self {
        case .linear: .linear
        case .tanh: .tanh
        case .sigmoid: .sigmoid
        case .relu: .leakyReLU(slope: 0)
        case .leakyReLU(let slope) where slope >= 0: .leakyReLU(slope: slope)
        case .gelu, .leakyReLU: nil
        }
    }
}
