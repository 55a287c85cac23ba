package import Autodiff
package import LayerEngines
import Requirements
import TensorCore

/// A convolution on rows of images as one matrix product: every window becomes a row, the weight a matrix, and
///
///     [N H' W', C kH kW] · [O, C kH kW]ᵀ = [N H' W', O],
///
/// whose axes are then exchanged to [N, O, H', W']. All of its gradients are those of operations that exist. This is the
/// form to understand a convolution by, and the reference for ``Convolution2D``, which computes the same without the
/// copies: the matrix of windows is kH kW times as large as the images (divided by the strides).
package struct ConvolutionAsMatrixProduct: Layer {
    package let weight: Parameter
    package let bias: Parameter?
    package let geometry: ConvolutionGeometry

    /// - Parameters:
    ///   - weight: [O, C, kH, kW].
    ///   - bias: [O].
    package init(weight: Parameter, bias: Parameter?, geometry: ConvolutionGeometry) {
        let shape = weight.value.shape, kernel = geometry.kernel
        require(
            shape.rank == 4 && shape[2] == kernel.height && shape[3] == kernel.width,
            "\(weight.name) of shape \(shape) for a kernel of \(kernel)")
        if let bias {
            require(
                bias.value.shape == [shape[0]],
                "\(bias.name) of shape \(bias.value.shape) beside \(weight.name) of shape \(shape)")
        }
        self.weight = weight
        self.bias = bias
        self.geometry = geometry
    }

    package var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

    /// [N, C, H, W] to [N, O, H', W'].
    package func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable {
        let shape = weight.value.shape, outputs = shape[0], tape = x.tape
        require(
            x.shape.rank == 4 && x.shape[1] == shape[1], "\(weight.name) of shape \(shape) for images \(x.shape)")
        let result = geometry.outputSize(of: Size2D(height: x.shape[2], width: x.shape[3]))
        let patches = tape(ImagePatches(geometry), x)
        let matrix = tape(weight).reshaped(to: [outputs, shape[1] * geometry.kernel.area])
        var y = patches.multiplied(by: matrix, transposeOther: true)
        if let bias { y = y + tape(bias).broadcast(to: y.shape) }
        return y.reshaped(to: [x.shape[0], result.area, outputs]).transposed()
            .reshaped(to: [x.shape[0], outputs, result.height, result.width])
    }
}
