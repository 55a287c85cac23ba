import Autodiff
import Kernels
import LayerEngines
import Layers
import TensorCore

/// The convolutions of four autoencoders, layer by layer: forward pass, gradient of the input, gradients of weight and
/// bias (with the derivative of the activation), each as a share of the peak measured just before. Every tap of every
/// pixel counts as a multiply-add, those over the edge too, though they are not computed.
func benchmarkConvolutions(_ names: [String], _ precision: ProductPrecision, _ context: ComputeContext) {
    for name in names.isEmpty ? ["a16", "a32", "b", "c"] : names {
        guard let network = ConvolutionNetwork(name) else {
            Options.stop("no network \(name): a16, a32, b, c, d")
        }
        let peak = context.workers.multiplyAddPeak(context.kernels, in: precision)
        for layer in network.layers {
            layer.measure(network: name, batch: network.batch, precision, peak: peak, context)
        }
    }
}

/// The convolutions of an autoencoder; the dense layers between are left out.
private struct ConvolutionNetwork {
    let batch: Int
    let layers: [Layer]

    init?(_ name: String) {
        func down(_ i: Int, _ o: Int, _ n: Int, _ k: Int, _ s: Int, _ p: Int, _ f: Activation) -> Layer {
            Layer(inputs: i, outputs: o, side: n, kernel: k, stride: s, padding: p, activation: f, isTransposed: false)
        }
        func up(_ i: Int, _ o: Int, _ n: Int, _ f: Activation) -> Layer {
            Layer(inputs: i, outputs: o, side: n, kernel: 4, stride: 2, padding: 1, activation: f, isTransposed: true)
        }
        switch name {
        case "a16", "a32":
            let c = name == "a16" ? 16 : 32
            batch = 128
            layers = [
                down(1, c, 28, 3, 2, 1, .relu), down(c, 2 * c, 14, 3, 2, 1, .relu), up(2 * c, c, 7, .relu),
                up(c, 1, 14, .sigmoid),
            ]
        case "b":
            batch = 60
            layers = [(1, 14), (14, 7), (7, 14), (14, 1)].map { down($0, $1, 28, 5, 1, 2, .tanh) }
        case "c", "d":
            let side = name == "c" ? 64 : 128, channels = [3, 32, 64, 128, 256]
            batch = name == "c" ? 64 : 32
            layers =
                (0..<4).map { down(channels[$0], channels[$0 + 1], side >> $0, 4, 2, 1, .relu) }
                + (0..<4).reversed().map {
                    up(channels[$0 + 1], channels[$0], side >> ($0 + 1), $0 == 0 ? .sigmoid : .relu)
                }
        default: return nil
        }
    }
}

private struct Layer {
    let inputs, outputs, side, kernel, stride, padding: Int
    let activation: Activation
    let isTransposed: Bool

    func measure(
        network: String, batch: Int, _ precision: ProductPrecision, peak: Double, _ context: ComputeContext
    ) {
        let stream = RandomStream(seed: 1), size = Size2D(side)
        let layer: any ImageLayer =
            isTransposed
            ? TransposedConvolution2D(
                "l", inputs: inputs, outputs: outputs, kernel: Size2D(kernel), stride: Size2D(stride),
                padding: Size2D(padding), activation: activation, from: stream, in: context)
            : Convolution2D(
                "l", inputs: inputs, outputs: outputs, kernel: Size2D(kernel), stride: Size2D(stride),
                padding: Size2D(padding), activation: activation, from: stream, in: context)
        let geometry = ConvolutionGeometry(kernel: Size2D(kernel), stride: Size2D(stride), padding: Size2D(padding))
        let small = isTransposed ? size : geometry.outputSize(of: size)
        let operations = 2 * batch * small.area * inputs * outputs * kernel * kernel
        let images = RandomStream(seed: 2).normal([batch, inputs, side, side], in: context)
        let lanes = Tape(in: context).constant(images).inBlocks().variable.value
        func forward(_ tape: Tape, gradient: Bool) -> ImageBlocks {
            layer(
                ImageBlocks(gradient ? tape.variable(lanes) : tape.constant(lanes), count: batch),
                mode: .inference)
        }
        func plainTape() -> Tape { Tape(in: context, precision: precision, recording: false) }
        let shape = forward(plainTape(), gradient: false).variable.shape
        let weight = RandomStream(seed: 3).normal(shape, in: context)
        func backward(inputGradient: Bool) -> Double {
            medianSecondsAfterPreparing(
                repetitions: 9,
                preparing: {
                    let tape = Tape(in: context, precision: precision)
                    let y = forward(tape, gradient: inputGradient)
                    return { _ = tape.backward(from: [(y.variable, weight)]) }
                })
        }
        let y = medianSeconds(repetitions: 9) { _ = forward(plainTape(), gradient: false) }
        let dw = backward(inputGradient: false), both = backward(inputGradient: true)
        let name =
            "\(network), batch \(batch): \(isTransposed ? "transposed " : "")\(inputs) -> \(outputs), "
            + "\(side)x\(side), kernel \(kernel)"
        for (pass, seconds) in [("forward", y), ("input gradient", both - dw), ("weight gradient", dw)] {
            report("\(name), \(pass)", operations, seconds, peak, context)
        }
    }
}
