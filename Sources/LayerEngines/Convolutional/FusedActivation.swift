import CKernels
import TensorCore

/// What a convolution can apply to its sums before it stores them, and whose derivative follows from the result.
package enum FusedActivation: Hashable {
    case linear, tanh, sigmoid
    case leakyReLU(slope: Float)

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
