package import Autodiff
package import LayerEngines
import Requirements
package import TensorCore

/// The transpose of a convolution, the derivative of one by its input, as a layer: a stride makes the image larger
/// (Zeiler et al., 2010). Parameters `<name>.weight` [I, O, kH, kW] and `<name>.bias` [O].
///
/// Cost: 2 O I kH kW operations for each input pixel, forward, and the same again for either gradient.
package struct TransposedConvolution2D: ImageLayer {
    package let weight: Parameter
    package let bias: Parameter?
    package let geometry: ConvolutionGeometry
    package let activation: Activation
    private let plans = ConvolutionPlans()

    /// - Parameters:
    ///   - name: without a final dot.
    ///   - kernel: height and width of the window.
    ///   - padding: how much of the result is cut off on each side.
    ///   - outputPadding: rows below and columns to the right to add to the result's size.
    ///   - activation: applied to the result, in the same pass where that is possible (all but GELU).
    ///   - weights: how the weight starts, with fan in I kH kW / (stride area), what an output pixel sees, and fan out
    ///     O kH kW; the bias starts at zero.
    ///   - stream: random numbers for the weight, another stream for each layer.
    package init(
        _ name: String, inputs: Int, outputs: Int, kernel: Size2D, stride: Size2D = 1, padding: Size2D = 0,
        dilation: Size2D = 1, outputPadding: Size2D = 0, bias: Bool = true, activation: Activation = .linear,
        weights: Initializer = .heNormal, from stream: RandomStream, in context: ComputeContext
    ) {
        let geometry = ConvolutionGeometry(
            kernel: kernel, stride: stride, padding: padding, dilation: dilation, outputPadding: outputPadding)
        self.init(
            weight: Parameter(
                "\(name).weight",
                weights.tensor(
                    [inputs, outputs, kernel.height, kernel.width], fanOut: outputs * kernel.area,
                    fanIn: max(1, inputs * kernel.area / stride.area), from: stream, in: context)),
            bias: bias ? Parameter("\(name).bias", Tensor(zeros: [outputs])) : nil, geometry: geometry,
            activation: activation)
    }

    /// With given parameters: weight [I, O, kH, kW], bias [O].
    package init(weight: Parameter, bias: Parameter?, geometry: ConvolutionGeometry, activation: Activation = .linear) {
        let shape = weight.value.shape
        require(
            shape.rank == 4 && shape.count > 0 && shape[2] == geometry.kernel.height
                && shape[3] == geometry.kernel.width,
            "\(weight.name) of shape \(shape) for a kernel of \(geometry.kernel): [I, O, kH, kW] wanted")
        if let bias {
            require(
                bias.value.shape == [shape[1]],
                "\(bias.name) of shape \(bias.value.shape) beside \(weight.name) of \(shape)")
        }
        self.weight = weight
        self.bias = bias
        self.geometry = geometry
        self.activation = activation
    }

    package var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

    package func callAsFunction(_ x: ImageBlocks, buffers: inout NamedTensors, mode: Mode) -> ImageBlocks { self(x) }

    /// Images of I channels to images of O channels, of the size that
    /// ``ConvolutionGeometry/transposedOutputSize(of:)`` says.
    package func callAsFunction(_ x: ImageBlocks) -> ImageBlocks {
        x.convolved(
            weight: weight, bias: bias, geometry: geometry, isTransposed: true, activation: activation, plans: plans)
    }
}
