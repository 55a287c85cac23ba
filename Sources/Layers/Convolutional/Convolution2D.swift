package import Autodiff
package import LayerEngines
import Requirements
package import TensorCore

/// y = f(x ∗ w + b): each output channel is a sum over input channels and the taps of a window (LeCun et al., 1989). As in
/// every deep-learning library the window is not mirrored. Parameters `<name>.weight` [O, I, kH, kW] and `<name>.bias`
/// [O].
///
/// Cost: 2 O I kH kW operations for each output pixel, forward, and the same again for either gradient; windows over the
/// edge cost less.
package struct Convolution2D: ImageLayer {
    package let weight: Parameter
    package let bias: Parameter?
    package let geometry: ConvolutionGeometry
    package let activation: Activation
    private let plans = ConvolutionPlans()

    /// - Parameters:
    ///   - name: without a final dot.
    ///   - kernel: height and width of the window.
    ///   - padding: zeros around the image.
    ///   - dilation: the distance between taps.
    ///   - activation: applied to the result, in the same pass where that is possible (all but GELU).
    ///   - weights: how the weight starts, with fan in I kH kW and fan out O kH kW; the bias starts at zero.
    ///   - stream: random numbers for the weight, another stream for each layer.
    package init(
        _ name: String, inputs: Int, outputs: Int, kernel: Size2D, stride: Size2D = 1, padding: Size2D = 0,
        dilation: Size2D = 1, bias: Bool = true, activation: Activation = .linear, weights: Initializer = .heNormal,
        from stream: RandomStream, in context: ComputeContext
    ) {
        let geometry = ConvolutionGeometry(kernel: kernel, stride: stride, padding: padding, dilation: dilation)
        self.init(
            weight: Parameter(
                "\(name).weight",
                weights.tensor(
                    [outputs, inputs, kernel.height, kernel.width], fanOut: outputs * kernel.area,
                    fanIn: inputs * kernel.area, from: stream, in: context)),
            bias: bias ? Parameter("\(name).bias", Tensor(zeros: [outputs])) : nil, geometry: geometry,
            activation: activation)
    }

    /// With given parameters: weight [O, I, kH, kW], bias [O].
    package init(weight: Parameter, bias: Parameter?, geometry: ConvolutionGeometry, activation: Activation = .linear) {
        let shape = weight.value.shape
        require(
            shape.rank == 4 && shape.count > 0 && shape[2] == geometry.kernel.height
                && shape[3] == geometry.kernel.width,
            "\(weight.name) of shape \(shape) for a kernel of \(geometry.kernel): [O, I, kH, kW] wanted")
        require(
            geometry.outputPadding == 0, "output padding \(geometry.outputPadding) is for transposed convolutions")
        if let bias {
            require(
                bias.value.shape == [shape[0]],
                "\(bias.name) of shape \(bias.value.shape) beside \(weight.name) of \(shape)")
        }
        self.weight = weight
        self.bias = bias
        self.geometry = geometry
        self.activation = activation
    }

    package var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

    package func callAsFunction(_ x: ImageBlocks, buffers: inout NamedTensors, mode: Mode) -> ImageBlocks { self(x) }

    /// Images of I channels to images of O channels, of the size that ``ConvolutionGeometry/outputSize(of:)`` says.
    package func callAsFunction(_ x: ImageBlocks) -> ImageBlocks {
        x.convolved(
            weight: weight, bias: bias, geometry: geometry, isTransposed: false, activation: activation, plans: plans)
    }
}

extension ImageBlocks {
    func convolved(
        weight: Parameter, bias: Parameter?, geometry: ConvolutionGeometry, isTransposed: Bool, activation: Activation,
        plans: ConvolutionPlans
    ) -> ImageBlocks {
        let fused = activation.fused, tape = variable.tape
        let operation = Convolution(
            geometry: geometry, isTransposed: isTransposed, activation: fused ?? .linear, plans: plans,
            version: weight.version)
        let y = tape.apply(operation, to: [variable, tape(weight)] + (bias.map { [tape($0)] } ?? []))[0]
        return ImageBlocks(fused == nil ? activation(y) : y, count: count)
    }
}
