import CKernels
import TensorCore

/// What a convolution can apply to its sums before it stores them, and whose derivative follows from the result.
enum FusedActivation: Hashable {
    case linear, tanh, sigmoid
    case leakyReLU(slope: Float)

    /// Nil for an activation whose derivative needs more than its result.
    init?(_ activation: Activation) {
        switch activation {
        case .linear: self = .linear
        case .tanh: self = .tanh
        case .sigmoid: self = .sigmoid
        case .relu: self = .leakyReLU(slope: 0)
        case .leakyReLU(let slope) where slope >= 0: self = .leakyReLU(slope: slope)
        case .gelu, .leakyReLU: return nil
        }
    }

    var code: Int32 {
        switch self {
        case .linear: Int32(CK_LINEAR.rawValue)
        case .leakyReLU: Int32(CK_LEAKY_RELU.rawValue)
        case .tanh: Int32(CK_TANH.rawValue)
        case .sigmoid: Int32(CK_SIGMOID.rawValue)
        }
    }

    var slope: Float {
        if case .leakyReLU(let slope) = self { slope } else { 1 }
    }
}
