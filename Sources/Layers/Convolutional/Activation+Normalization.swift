import Autodiff

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
}
