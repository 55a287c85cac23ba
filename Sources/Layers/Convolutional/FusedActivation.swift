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

    /// The gradient of the sums from that of the results, and the gradient of the bias: sums of the planes in lanes and
    /// one fixed tree, added up in the order of the blocks.
    /// - Parameters:
    ///   - y: results [B, C, H, W, 16].
    ///   - dy: their gradient.
    func gradients(
        y: Tensor, dy: Tensor, bias wantsBias: Bool, in context: ComputeContext
    ) -> (sums: Tensor, bias: Tensor?) {
        guard self != .linear || wantsBias else { return (dy, nil) }
        let blocks = dy.shape[0], channels = dy.shape[1], size = dy.shape[2] * dy.shape[3] * 16,
            isLinear = self == .linear
        var dz = isLinear ? dy : Tensor(uninitialized: dy.shape, in: context.workspace)
        var partial = Tensor(uninitialized: [blocks, channels], in: context.workspace)
        let sums = partial.mutablePointer, source = dy.pointer, result = y.pointer, kernels = context.kernels
        let target = isLinear ? nil : dz.mutablePointer, code = code, slope = slope
        withExtendedLifetime((y, dy)) {
            context.forParts(blocks * channels, work: dy.count) { range in
                for index in range {
                    let plane = index * size
                    sums[index] =
                        target.map {
                            kernels.plane_gradient(code, slope, result + plane, source + plane, $0 + plane, size)
                        }
                        ?? kernels.sum(source + plane, size)
                }
            }
        }
        return (dz, wantsBias ? context.columnSums(partial) : nil)
    }
}
