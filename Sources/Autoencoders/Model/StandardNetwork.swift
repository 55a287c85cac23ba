import Autodiff
import LayerEngines
import Layers
import TensorCore

/// The default network: levels of a convolution of stride 2, batch normalization and ReLU; a dense layer; the code; and
/// all that mirrored with transposed convolutions.
///
/// A level takes sides h to ⌈h / 2⌉. On the way back a kernel of 4 makes an even side, twice the smaller one, and one of
/// 3 an odd side, twice the smaller one less one: pictures of every size come back at their own. Kernels of 4 at stride
/// 2 cover every pixel equally often, which avoids checkerboards (Odena et al., 2016).
///
/// Parameters: `encoder.levels.0.convolution.weight`, `encoder.levels.0.normalization.weight`, `….bias`, …,
/// `encoder.hidden.weight`, `encoder.code.weight`, `decoder.code.weight`, `decoder.hidden.weight`,
/// `decoder.levels.0.convolution.weight`, …, numbered from the pictures inwards.
struct StandardNetwork: AutoencoderNetwork {
    private let configuration: AutoencoderConfiguration
    /// The levels of the encoder, from the pictures to the code.
    private let down: [Sequential]
    /// The levels of the decoder, from the code to the pictures.
    private let up: [Sequential]
    private let encoderHidden: Dense?
    private let encoderCode: Dense
    private let decoderCode: Dense?
    private let decoderHidden: Dense

    /// What normalization adds to a variance.
    static let epsilon: Float = 1e-5

    init(_ configuration: AutoencoderConfiguration, seed: UInt64, in context: ComputeContext) {
        self.configuration = configuration
        func stream(_ number: Int) -> RandomStream { RandomStream(seed: seed, stream: 0x3000 + UInt64(number)) }
        let levels = configuration.levels, hidden = configuration.hidden, code = configuration.code
        down = levels.enumerated().map { index, level in
            let name = "encoder.levels.\(index)"
            return Sequential(
                Convolution2D(
                    "\(name).convolution", inputs: level.outer.channels, outputs: level.inner.channels,
                    kernel: level.kernel, stride: 2, padding: 1, bias: false, weights: .heNormal,
                    from: stream(2 * index), in: context),
                BatchNormalization2D(
                    "\(name).normalization", channels: level.inner.channels, activation: .relu, epsilon: Self.epsilon))
        }
        up = levels.enumerated().reversed().map { index, level in
            let name = "decoder.levels.\(index)", isLast = index == 0
            let convolution = TransposedConvolution2D(
                "\(name).convolution", inputs: level.inner.channels, outputs: level.outer.channels,
                kernel: level.transposedKernel, stride: 2, padding: 1, bias: isLast,
                weights: isLast ? .glorotNormal : .heNormal, from: stream(2 * index + 1), in: context)
            guard !isLast else { return Sequential(convolution) }
            return Sequential(
                convolution,
                BatchNormalization2D(
                    "\(name).normalization", channels: level.outer.channels, activation: .relu, epsilon: Self.epsilon))
        }
        let inner = configuration.innermost.count
        // Small, as PyTorch's layers start: with He's rule, 2.4 times as large, held-out pictures come back worse.
        func dense(_ name: String, _ inputs: Int, _ outputs: Int, _ number: Int) -> Dense {
            Dense(
                name, inputs: inputs, outputs: outputs, weights: .uniform(bound: 1 / Float(inputs).squareRoot()),
                from: stream(0x800 + number), in: context)
        }
        encoderHidden = hidden > 0 ? dense("encoder.hidden", inner, hidden, 0) : nil
        encoderCode = dense(
            "encoder.code", hidden > 0 ? hidden : inner, configuration.encoderOutputs, 1)
        decoderCode = hidden > 0 ? dense("decoder.code", code, hidden, 2) : nil
        decoderHidden = dense("decoder.hidden", hidden > 0 ? hidden : code, inner, 3)
    }

    var parameters: [Parameter] {
        down.flatMap(\.parameters) + (encoderHidden?.parameters ?? []) + encoderCode.parameters
            + (decoderCode?.parameters ?? []) + decoderHidden.parameters + up.flatMap(\.parameters)
    }

    var buffers: [Buffer] { (down + up).flatMap(\.buffers) }

    func encode(_ pictures: Variable, mode: Mode) -> Variable {
        let images = pictures.shape[0]
        var features = pictures
        if !down.isEmpty {
            var lanes = pictures.inBlocks()
            for level in down { lanes = level(lanes, mode: mode) }
            features = lanes.rows()
        }
        features = features.reshaped(to: [images, configuration.innermost.count])
        if let encoderHidden { features = encoderHidden(features, mode: mode).relu() }
        return encoderCode(features, mode: mode)
    }

    func decode(_ codes: Variable, mode: Mode) -> Variable {
        let images = codes.shape[0], inner = configuration.innermost
        var features = codes
        if let decoderCode { features = decoderCode(features, mode: mode).relu() }
        features = decoderHidden(features, mode: mode)
        if !up.isEmpty { features = features.relu() }
        features = features.reshaped(to: [images, inner.channels, inner.height, inner.width])
        guard !up.isEmpty else { return features }
        var lanes = features.inBlocks()
        for level in up { lanes = level(lanes, mode: mode) }
        return lanes.rows()
    }

    static func parameterShapes(of configuration: AutoencoderConfiguration) -> [(name: String, shape: Shape)] {
        typealias Shapes = [(name: String, shape: Shape)]
        let inner = configuration.innermost.count, hidden = configuration.hidden, code = configuration.code
        func convolution(_ name: String, _ channels: (Int, Int), _ kernel: Size2D) -> Shapes {
            [("\(name).convolution.weight", [channels.0, channels.1, kernel.height, kernel.width])]
        }
        func normalization(_ name: String, _ channels: Int) -> Shapes {
            [("\(name).normalization.weight", [channels]), ("\(name).normalization.bias", [channels])]
        }
        func dense(_ name: String, _ inputs: Int, _ outputs: Int) -> Shapes {
            [("\(name).weight", [outputs, inputs]), ("\(name).bias", [outputs])]
        }
        var down: Shapes = [], up: Shapes = []
        for (index, level) in configuration.levels.enumerated() {
            let (outer, inner) = (level.outer.channels, level.inner.channels)
            let encoder = "encoder.levels.\(index)", decoder = "decoder.levels.\(index)"
            down += convolution(encoder, (inner, outer), level.kernel) + normalization(encoder, inner)
            let last: Shapes =
                index == 0 ? [("\(decoder).convolution.bias", [outer])] : normalization(decoder, outer)
            up = convolution(decoder, (inner, outer), level.transposedKernel) + last + up
        }
        let isDeep = hidden > 0
        return down + (isDeep ? dense("encoder.hidden", inner, hidden) : [])
            + dense("encoder.code", isDeep ? hidden : inner, configuration.encoderOutputs)
            + (isDeep ? dense("decoder.code", code, hidden) : [])
            + dense("decoder.hidden", isDeep ? hidden : code, inner) + up
    }
}
