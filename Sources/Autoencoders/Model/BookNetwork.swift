import Autodiff
import Images
import LayerEngines
import Layers
import TensorCore

/// The autoencoder of *Deep Learning from Scratch*, section 7.5: two 5×5 convolutions that keep the size, a dense layer
/// to the code and one back, two more convolutions; tanh everywhere, pictures in -1...1. At 28×28 with a code of 28:
/// 364 + 2,457 + 153,692 + 159,152 + 2,464 + 351 = 318,480 parameters.
///
/// Weights start uniform in ±1/√(inputs of one output), as PyTorch's layers do, which the book uses; those of the dense
/// layers in 0.6 of that. After 60,000 of MNIST's test pictures the held-out error on -1...1 is then 0.0676, 0.0662 and
/// 0.0677 (seeds 1 to 3) where the full range gives 0.0706, 0.0692 and 0.0701; Glorot's rule, 0.085, saturates the tanh.
struct BookNetwork: AutoencoderNetwork {
    private let configuration: AutoencoderConfiguration
    private let down: Sequential
    private let up: Sequential
    private let encoderCode: Dense
    private let decoderCode: Dense

    private static let outerChannels = 14
    private static let innerChannels = 7
    private static let kernel = 5

    init(_ configuration: AutoencoderConfiguration, seed: UInt64, in context: ComputeContext) {
        self.configuration = configuration
        let channels = configuration.format.channels, inner = Self.inner(configuration)
        func stream(_ number: UInt64) -> RandomStream { RandomStream(seed: seed, stream: 0x3000 + number) }
        func convolution(_ name: String, _ inputs: Int, _ outputs: Int, _ number: UInt64, tanh: Bool) -> Convolution2D {
            Convolution2D(
                name, inputs: inputs, outputs: outputs,
                kernel: Size2D(Self.kernel), padding: Size2D(Self.kernel / 2),
                activation: tanh ? .tanh : .linear,
                weights: .uniform(bound: 1 / Float(inputs * Self.kernel * Self.kernel).squareRoot()),
                from: stream(number), in: context)
        }
        func dense(_ name: String, _ inputs: Int, _ outputs: Int, _ number: UInt64) -> Dense {
            Dense(
                name, inputs: inputs, outputs: outputs, weights: .uniform(bound: 0.6 / Float(inputs).squareRoot()),
                from: stream(number), in: context)
        }
        down = Sequential(
            convolution("encoder.convolutions.0", channels, Self.outerChannels, 0, tanh: true),
            convolution("encoder.convolutions.1", Self.outerChannels, Self.innerChannels, 1, tanh: true))
        encoderCode = dense("encoder.code", inner.count, configuration.encoderOutputs, 2)
        decoderCode = dense("decoder.code", configuration.code, inner.count, 3)
        up = Sequential(
            convolution("decoder.convolutions.0", Self.innerChannels, Self.outerChannels, 4, tanh: true),
            convolution("decoder.convolutions.1", Self.outerChannels, channels, 5, tanh: false))
    }

    static func inner(_ configuration: AutoencoderConfiguration) -> Planes {
        Planes(channels: innerChannels, height: configuration.format.height, width: configuration.format.width)
    }

    var parameters: [Parameter] {
        down.parameters + encoderCode.parameters + decoderCode.parameters + up.parameters
    }
    var buffers: [Buffer] { [] }

    func encode(_ pictures: Variable, mode: Mode) -> Variable {
        let signed = pictures * 2 - 1
        let features = down(signed.inBlocks(), mode: mode).rows()
        let outputs = encoderCode(
            features.reshaped(to: [pictures.shape[0], Self.inner(configuration).count]), mode: mode)
        return configuration.kind.isVariational ? outputs : outputs.tanh()
    }

    func decode(_ codes: Variable, mode: Mode) -> Variable {
        let inner = Self.inner(configuration)
        let features = decoderCode(codes, mode: mode).tanh()
            .reshaped(to: [codes.shape[0], inner.channels, inner.height, inner.width])
        // The book's output is tanh o in -1...1, and (tanh o + 1) / 2 = σ(2 o).
        return up(features.inBlocks(), mode: mode).rows() * 2
    }

    static func parameterShapes(of configuration: AutoencoderConfiguration) -> [(name: String, shape: Shape)] {
        typealias Shapes = [(name: String, shape: Shape)]
        let channels = configuration.format.channels, inner = inner(configuration).count
        func convolution(_ name: String, _ inputs: Int, _ outputs: Int) -> Shapes {
            [("\(name).weight", [outputs, inputs, kernel, kernel]), ("\(name).bias", [outputs])]
        }
        func dense(_ name: String, _ inputs: Int, _ outputs: Int) -> Shapes {
            [("\(name).weight", [outputs, inputs]), ("\(name).bias", [outputs])]
        }
        return convolution("encoder.convolutions.0", channels, outerChannels)
            + convolution("encoder.convolutions.1", outerChannels, innerChannels)
            + dense("encoder.code", inner, configuration.encoderOutputs)
            + dense("decoder.code", configuration.code, inner)
            + convolution("decoder.convolutions.0", innerChannels, outerChannels)
            + convolution("decoder.convolutions.1", outerChannels, channels)
    }

    /// The multiply-adds of the two convolutions on each side, for one picture.
    static func convolutionMultiplyAdds(of configuration: AutoencoderConfiguration) -> (down: [Int], up: [Int]) {
        let inner = inner(configuration), channels = configuration.format.channels
        func convolution(_ inputs: Int, _ outputs: Int) -> Int {
            func planes(_ channels: Int) -> Planes {
                Planes(channels: channels, height: inner.height, width: inner.width)
            }
            return ConvolutionSizes(
                outer: planes(inputs), inner: planes(outputs), kernel: Size2D(kernel), stride: 1, padding: kernel / 2
            ).multiplyAdds
        }
        return (
            [convolution(channels, outerChannels), convolution(outerChannels, innerChannels)],
            [convolution(innerChannels, outerChannels), convolution(outerChannels, channels)]
        )
    }
}
