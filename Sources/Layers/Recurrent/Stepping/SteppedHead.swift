import Autodiff
import TensorCore

/// A dense layer after a stepped stack, with its packed weight.
struct SteppedHead {
    let outputs: Int
    private let inputs: Int
    private let lanes: Int
    private let weight: PackedMatrix
    private let bias: Tensor

    init(_ layer: Dense, lanes: Int, in context: ComputeContext) {
        (outputs, inputs) = (layer.weight.value.shape[0], layer.weight.value.shape[1])
        self.lanes = lanes
        weight = layer.packedTranspose(in: context)
        bias = layer.bias?.value ?? Tensor(zeros: [outputs])
    }

    var multiplyAdds: Int { outputs * inputs }

    /// Valid as long as this head.
    func product(in context: ComputeContext) -> GroupedDenseProduct {
        GroupedDenseProduct(
            kernels: context.kernels, lanes: lanes, inputs: inputs, outputs: outputs, weight: weight.pointer,
            bias: bias.pointer)
    }
}
