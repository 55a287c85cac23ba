import Autodiff
import Kernels
import LayerEngines
import Layers
import TensorCore
import Training

/// Whole steps of convolutional autoencoders, the networks that PyTorch is compared with: forward, mean squared error,
/// backward, optimizer; or the encoder alone.
struct AutoencoderRates {
    let name: String
    let batch: Int
    private let encoder: Sequential
    private let decoder: Sequential
    private let toCode: Dense
    private let fromCode: Dense
    private let image: Shape
    private let inner: Shape
    private let codeActivation: Activation
    private let innerActivation: Activation
    private let optimizer: OptimizerConfiguration
    private let context: ComputeContext
    /// Of the smaller image of each convolution of the encoder; the decoder's are the same in reverse.
    private let sides: [Int]

    init?(_ name: String, in context: ComputeContext) {
        self.name = name
        self.context = context
        func stream(_ number: UInt64) -> RandomStream { RandomStream(seed: 1, stream: number) }
        func down(
            _ index: Int, _ inputs: Int, _ outputs: Int, kernel: Size2D, stride: Size2D, padding: Size2D,
            _ activation: Activation
        ) -> Convolution2D {
            Convolution2D(
                "down.\(index)", inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding,
                activation: activation, from: stream(UInt64(index)), in: context)
        }
        func up(_ index: Int, _ inputs: Int, _ outputs: Int, _ activation: Activation) -> TransposedConvolution2D {
            TransposedConvolution2D(
                "up.\(index)", inputs: inputs, outputs: outputs, kernel: 4, stride: 2, padding: 1,
                activation: activation, from: stream(UInt64(20 + index)), in: context)
        }
        switch name {
        case "a16", "a32":
            let c = name == "a16" ? 16 : 32
            batch = 128
            (image, inner, sides) = ([1, 28, 28], [2 * c, 7, 7], [14, 7])
            encoder = Sequential(
                down(0, 1, c, kernel: 3, stride: 2, padding: 1, .relu),
                down(1, c, 2 * c, kernel: 3, stride: 2, padding: 1, .relu))
            decoder = Sequential(up(0, 2 * c, c, .relu), up(1, c, 1, .sigmoid))
            (codeActivation, innerActivation, optimizer) = (.linear, .relu, OptimizerConfiguration(.adam))
        case "book":
            batch = 60
            (image, inner, sides) = ([1, 28, 28], [7, 28, 28], [28, 28])
            func same(_ index: Int, _ inputs: Int, _ outputs: Int) -> Convolution2D {
                down(index, inputs, outputs, kernel: 5, stride: 1, padding: 2, .tanh)
            }
            encoder = Sequential(same(0, 1, 14), same(1, 14, 7))
            decoder = Sequential(same(2, 7, 14), same(3, 14, 1))
            (codeActivation, innerActivation, optimizer) = (.tanh, .tanh, OptimizerConfiguration(.momentum))
        case "c", "d":
            let side = name == "c" ? 64 : 128, channels = [3, 32, 64, 128, 256]
            batch = name == "c" ? 64 : 32
            (image, inner) = ([3, side, side], [256, side / 16, side / 16])
            sides = (1...4).map { side >> $0 }
            encoder = Sequential(
                (0..<4).map { down($0, channels[$0], channels[$0 + 1], kernel: 4, stride: 2, padding: 1, .relu) })
            decoder = Sequential(
                (0..<4).reversed().map { up($0, channels[$0 + 1], channels[$0], $0 == 0 ? .sigmoid : .relu) })
            (codeActivation, innerActivation, optimizer) = (.linear, .relu, OptimizerConfiguration(.adam))
        default: return nil
        }
        let code = name == "c" || name == "d" ? 128 : 28
        toCode = Dense("to_code", inputs: inner.count, outputs: code, from: stream(40), in: context)
        fromCode = Dense("from_code", inputs: code, outputs: inner.count, from: stream(41), in: context)
    }

    private var parameters: [Parameter] {
        encoder.parameters + toCode.parameters + fromCode.parameters + decoder.parameters
    }

    /// Floating-point operations an image: two for each multiply-add, in training three times as many but for the gradient
    /// of the images. Taps over the edge are counted, as is usual, though they are not computed.
    private func usefulOperations(_ task: String) -> Double {
        func multiplyAdds(_ layers: Sequential, _ sides: [Int]) -> [Int] {
            let weights = layers.parameters.map(\.value).filter { $0.shape.dimensions.count == 4 }
            return zip(weights, sides).map { $0.count * $1 * $1 }
        }
        let down = multiplyAdds(encoder, sides), up = multiplyAdds(decoder, sides.reversed())
        let encoding = down.reduce(0, +) + toCode.weight.value.count
        guard task == "train" else { return Double(2 * encoding) }
        let whole = encoding + fromCode.weight.value.count + up.reduce(0, +)
        return Double(6 * whole - 2 * down[0])
    }

    private func encode(_ x: Variable) -> Variable {
        let features = encoder(x.inBlocks(), mode: .inference).rows()
        return codeActivation(toCode(features.reshaped(to: [batch, inner.count])))
    }

    private func decode(_ code: Variable) -> Variable {
        let features = innerActivation(fromCode(code)).reshaped(to: Shape([batch] + inner.dimensions))
        return decoder(features.inBlocks(), mode: .inference).rows()
    }

    /// Images a second.
    struct Rate: Encodable {
        let benchmark = "autoencoder"
        let network, task: String
        let batch, threads: Int
        let instructionSet, precision: String
        let stepCount: Int
        let seconds, processorSeconds, imagesPerSecond, usefulGigaflops: Double
        /// Of the same threads, a quarter of a second each.
        let peakGigaflopsBefore, peakGigaflopsAfter: Double
        let shareOfPeak: Double
    }

    /// - Parameter task: `train` or `encode`.
    func measure(_ task: String, _ precision: ProductPrecision, seconds: Double) -> Rate {
        let x = RandomStream(seed: 2).uniform(Shape([batch] + image.dimensions), low: 0, high: 1, in: context)
        var optimizer = optimizer.makeOptimizer()
        let parameters = parameters
        let before = sustainedPeakGigaflops(context, precision)
        let run = sustained(seconds: seconds) { _ in
            let tape = Tape(in: context, precision: precision, recording: task == "train")
            let pictures = tape.constant(x)
            let code = encode(pictures)
            guard task == "train" else { return }
            let gradients = tape.backward(from: decode(code).squaredError(to: x)).named(parameters)
            optimizer.update(parameters, along: gradients, rate: 1e-3, scale: 1, in: context)
        }
        let after = sustainedPeakGigaflops(context, precision), imagesPerSecond = run.perSecond * Double(batch)
        let gigaflops = usefulOperations(task) * imagesPerSecond * 1e-9
        return Rate(
            network: name, task: task, batch: batch, threads: context.workers.count,
            instructionSet: context.instructionSet.rawValue, precision: precision.rawValue, stepCount: run.count,
            seconds: run.seconds, processorSeconds: run.processorSeconds, imagesPerSecond: imagesPerSecond,
            usefulGigaflops: gigaflops, peakGigaflopsBefore: before,
            peakGigaflopsAfter: after, shareOfPeak: gigaflops / ((before + after) / 2))
    }
}
