package import TensorCore

/// A dense layer after a stepped stack, with its packed weight.
package struct SteppedHead {
    let outputs: Int
    let inputs: Int
    private let batch: Int
    private let weight: PackedMatrix
    private let bias: Tensor

    /// - Parameters:
    ///   - weight: W^T of a weight [outputs, inputs].
    ///   - bias: [outputs]; zeros if nil.
    package init(weight: PackedMatrix, bias: Tensor?, batch: Int) {
        (outputs, inputs) = (weight.columns, weight.rows)
        self.batch = batch
        self.weight = weight
        self.bias = bias ?? Tensor(zeros: [outputs])
    }

    var multiplyAdds: Int { outputs * inputs }

    /// Valid as long as this head.
    func product(in context: ComputeContext) -> GroupedDenseProduct {
        GroupedDenseProduct(
            kernels: context.kernels, batch: batch, inputs: inputs, outputs: outputs, weight: weight.pointer,
            bias: bias.pointer)
    }
}
