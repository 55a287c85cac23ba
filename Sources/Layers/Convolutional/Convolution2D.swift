public import Autodiff
package import LayerEngines
import Requirements
public import TensorCore

/// y = f(x ∗ w + b): each output channel is a sum over input channels and the taps of a window (LeCun et al., 1989). As in
/// every deep-learning library the window is not mirrored.
///
/// Images [N, I, H, W] become [N, O, H', W'] with H' = ⌊(H + 2 padding - dilation (kernel - 1) - 1) / stride⌋ + 1.
/// Parameters `weight` [O, I, kH, kW] and `bias` [O].
///
/// Cost: 2 O I kH kW operations for each output pixel, forward, and the same again for either gradient; windows over the
/// edge cost less.
public struct Convolution2D: Layer, ConvolutionLayer {
    package static let isTransposed = false
    /// [O, I, kH, kW]
    public let weight: Parameter
    /// [O]
    public let bias: Parameter?
    package let geometry: ConvolutionGeometry
    package let activation: Activation
    package let plans = ConvolutionPlans()

    /// - Parameters:
    ///   - inputs: channels of what comes in.
    ///   - outputs: channels of the result.
    ///   - kernel: height and width of the window; a number stands for both, as below.
    ///   - stride: from window to window.
    ///   - padding: zeros around the image.
    ///   - dilation: the distance between taps.
    ///   - bias: whether b is there.
    ///   - activation: f, applied in the same pass where that is possible (all but GELU).
    ///   - weights: how the weight starts, with fan in I kH kW and fan out O kH kW; the bias starts at zero.
    public init(
        _ inputs: Int, _ outputs: Int, kernel: Size2D, stride: Size2D = 1, padding: Size2D = 0, dilation: Size2D = 1,
        bias: Bool = true, activation: Activation = .linear, weights: Initializer = .heNormal
    ) {
        self.init(
            weight: Parameter(shape: [outputs, inputs, kernel.height, kernel.width], weights),
            bias: bias ? Parameter(shape: [outputs], .constant(0)) : nil,
            geometry: ConvolutionGeometry(kernel: kernel, stride: stride, padding: padding, dilation: dilation),
            activation: activation)
    }

    /// - Parameters:
    ///   - name: without a final dot.
    ///   - stream: random numbers for the weight, another stream for each layer.
    package init(
        _ name: String, inputs: Int, outputs: Int, kernel: Size2D, stride: Size2D = 1, padding: Size2D = 0,
        dilation: Size2D = 1, bias: Bool = true, activation: Activation = .linear, weights: Initializer = .heNormal,
        from stream: RandomStream, in context: ComputeContext
    ) {
        self.init(
            weight: Parameter(
                "\(name).weight",
                weights.tensor(
                    [outputs, inputs, kernel.height, kernel.width], fanOut: outputs * kernel.area,
                    fanIn: inputs * kernel.area, from: stream, in: context)),
            bias: bias ? Parameter("\(name).bias", Tensor(zeros: [outputs])) : nil,
            geometry: ConvolutionGeometry(kernel: kernel, stride: stride, padding: padding, dilation: dilation),
            activation: activation)
    }

    /// With given parameters: weight [O, I, kH, kW], bias [O].
    package init(weight: Parameter, bias: Parameter?, geometry: ConvolutionGeometry, activation: Activation = .linear) {
        require(
            geometry.outputPadding == 0, "output padding \(geometry.outputPadding) is for transposed convolutions")
        (self.weight, self.bias, self.geometry, self.activation) = (weight, bias, geometry, activation)
        checkShapes()
    }

    /// Weight and, if there is one, bias.
    public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

    /// [N, I, H, W] to [N, O, H', W'].
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable { onRows(x, mode: mode) }
}

/// The transpose of a convolution, the derivative of one by its input, as a layer: a stride makes the image larger
/// (Zeiler et al., 2010).
///
/// Images [N, I, H, W] become [N, O, H', W'] with H' = (H - 1) stride - 2 padding + dilation (kernel - 1) + 1 + output
/// padding. Parameters `weight` [I, O, kH, kW] and `bias` [O].
///
/// Cost: 2 O I kH kW operations for each input pixel, forward, and the same again for either gradient.
public struct TransposedConvolution2D: Layer, ConvolutionLayer {
    package static let isTransposed = true
    /// [I, O, kH, kW]
    public let weight: Parameter
    /// [O]
    public let bias: Parameter?
    package let geometry: ConvolutionGeometry
    package let activation: Activation
    package let plans = ConvolutionPlans()

    /// - Parameters:
    ///   - inputs: channels of what comes in.
    ///   - outputs: channels of the result.
    ///   - kernel: height and width of the window; a number stands for both, as below.
    ///   - stride: how far apart the windows of neighboring input pixels lie in the result.
    ///   - padding: how much of the result is cut off on each side.
    ///   - dilation: the distance between taps.
    ///   - outputPadding: rows below and columns to the right to add to the result's size.
    ///   - bias: whether there is one.
    ///   - activation: applied to the result, in the same pass where that is possible (all but GELU).
    ///   - weights: how the weight starts, with fan in I kH kW / (stride area), what an output pixel sees, and fan out
    ///     O kH kW; the bias starts at zero.
    public init(
        _ inputs: Int, _ outputs: Int, kernel: Size2D, stride: Size2D = 1, padding: Size2D = 0, dilation: Size2D = 1,
        outputPadding: Size2D = 0, bias: Bool = true, activation: Activation = .linear,
        weights: Initializer = .heNormal
    ) {
        self.init(
            weight: Parameter(
                shape: [inputs, outputs, kernel.height, kernel.width], weights, fanOut: outputs * kernel.area,
                fanIn: max(1, inputs * kernel.area / stride.area)),
            bias: bias ? Parameter(shape: [outputs], .constant(0)) : nil,
            geometry: ConvolutionGeometry(
                kernel: kernel, stride: stride, padding: padding, dilation: dilation, outputPadding: outputPadding),
            activation: activation)
    }

    /// - Parameters:
    ///   - name: without a final dot.
    ///   - stream: random numbers for the weight, another stream for each layer.
    package init(
        _ name: String, inputs: Int, outputs: Int, kernel: Size2D, stride: Size2D = 1, padding: Size2D = 0,
        dilation: Size2D = 1, outputPadding: Size2D = 0, bias: Bool = true, activation: Activation = .linear,
        weights: Initializer = .heNormal, from stream: RandomStream, in context: ComputeContext
    ) {
        self.init(
            weight: Parameter(
                "\(name).weight",
                weights.tensor(
                    [inputs, outputs, kernel.height, kernel.width], fanOut: outputs * kernel.area,
                    fanIn: max(1, inputs * kernel.area / stride.area), from: stream, in: context)),
            bias: bias ? Parameter("\(name).bias", Tensor(zeros: [outputs])) : nil,
            geometry: ConvolutionGeometry(
                kernel: kernel, stride: stride, padding: padding, dilation: dilation, outputPadding: outputPadding),
            activation: activation)
    }

    /// With given parameters: weight [I, O, kH, kW], bias [O].
    package init(weight: Parameter, bias: Parameter?, geometry: ConvolutionGeometry, activation: Activation = .linear) {
        (self.weight, self.bias, self.geometry, self.activation) = (weight, bias, geometry, activation)
        checkShapes()
    }

    /// Weight and, if there is one, bias.
    public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

    /// [N, I, H, W] to [N, O, H', W'].
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable { onRows(x, mode: mode) }
}

/// What a convolution and its transpose share: one operation with the roles of its tensors exchanged.
package protocol ConvolutionLayer: ImageLayer, TableLayer {
    static var isTransposed: Bool { get }
    var weight: Parameter { get }
    var bias: Parameter? { get }
    var geometry: ConvolutionGeometry { get }
    var activation: Activation { get }
    var plans: ConvolutionPlans { get }
}

extension ConvolutionLayer {
    var inputs: Int { weight.shape[Self.isTransposed ? 0 : 1] }
    var outputs: Int { weight.shape[Self.isTransposed ? 1 : 0] }

    func checkShapes() {
        let shape = weight.shape
        require(
            shape.rank == 4 && shape.count > 0 && shape[2] == geometry.kernel.height
                && shape[3] == geometry.kernel.width,
            "\(weight.name) of shape \(shape) for a kernel of \(geometry.kernel): "
                + "[\(Self.isTransposed ? "I, O" : "O, I"), kH, kW] wanted, all at least 1")
        if let bias {
            require(bias.shape == [outputs], "\(bias.name) of shape \(bias.shape) beside \(weight.name) of \(shape)")
        }
    }

    package func callAsFunction(_ x: ImageBlocks, mode: Mode) -> ImageBlocks {
        let fused = activation.fused, tape = x.variable.tape
        let operation = Convolution(
            geometry: geometry, isTransposed: Self.isTransposed, activation: fused ?? .linear,
            precision: tape.precision, plans: plans, version: weight.version)
        let y = tape.apply(operation, to: [x.variable, tape(weight)] + (bias.map { [tape($0)] } ?? []))[0]
        return ImageBlocks(fused == nil ? activation(y) : y, count: x.count)
    }

    package var title: String {
        func setting(_ name: String, _ size: Size2D, unless usual: Size2D? = nil) -> String {
            guard size != usual else { return "" }
            return ", \(name): " + (size.height == size.width ? "\(size.height)" : "\(size)")
        }
        return "\(Self.self)(\(inputs), \(outputs)" + setting("kernel", geometry.kernel)
            + setting("stride", geometry.stride, unless: 1) + setting("padding", geometry.padding, unless: 0)
            + setting("dilation", geometry.dilation, unless: 1)
            + setting("outputPadding", geometry.outputPadding, unless: 0)
            + (activation == .linear ? "" : ", \(activation)") + ")"
    }

    package func sizes(after x: [Int?]?) -> [Int?]? {
        guard let x, x.count == 4, let height = x[2], let width = x[3] else { return [x?[0], outputs, nil, nil] }
        let size = Size2D(height: height, width: width)
        let result = Self.isTransposed ? geometry.transposedOutputSize(of: size) : geometry.outputSize(of: size)
        return [x[0], outputs, result.height, result.width]
    }
}
