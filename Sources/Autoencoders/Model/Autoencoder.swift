public import Autodiff
public import Layers
import Requirements
public import TensorCore
public import TrainingRuns

/// An autoencoder: pictures to codes and codes to pictures. Pictures are [N, C, H, W] in 0...1, codes [N, K].
public struct Autoencoder {
    public let configuration: AutoencoderConfiguration
    private let network: any AutoencoderNetwork

    /// Weights are a function of the seed only.
    public init(_ configuration: AutoencoderConfiguration, seed: UInt64, in context: ComputeContext) {
        self.configuration = configuration
        network =
            switch configuration.architecture {
            case .standard: StandardNetwork(configuration, seed: seed, in: context)
            case .book: BookNetwork(configuration, seed: seed, in: context)
            }
    }

    public var parameters: [Parameter] { network.parameters }
    /// First values of the running statistics.
    public var buffers: NamedTensors { network.buffers }
    public var weights: NamedTensors { NamedTensors(parameters.map { ($0.name, $0.value) }) }

    /// Takes over stored weights.
    /// - Throws: ``RunError/damagedCheckpoint(_:)`` naming a tensor that is missing or has another shape.
    public func load(_ tensors: NamedTensors) throws(RunError) {
        for parameter in parameters { try parameter.load(from: tensors) }
    }

    // MARK: On a tape

    /// What the encoder says of pictures.
    public struct Encoding {
        /// [N, K]; for a variational model the means.
        public var code: Variable
        /// [N, K], of a variational model.
        public var logVariance: Variable?
    }

    /// - Parameter pictures: [N, C, H, W] in 0...1.
    public func encode(_ pictures: Variable, buffers: inout NamedTensors, mode: Mode) -> Encoding {
        let format = configuration.format
        require(
            pictures.shape.dimensions.dropFirst() == [format.channels, format.height, format.width],
            "pictures of shape \(pictures.shape) for a model of \(format)")
        let outputs = network.encode(pictures, buffers: &buffers, mode: mode), code = configuration.code
        switch configuration.kind {
        case .plain, .denoising: return Encoding(code: outputs)
        case .sparse: return Encoding(code: outputs.relu())
        case .variational:
            return Encoding(
                code: outputs.columns(0..<code), logVariance: outputs.columns(code..<2 * code))
        }
    }

    /// Codes [N, K] to the logits of pictures, [N, C, H, W]: their sigmoid is the picture.
    public func decode(_ codes: Variable, buffers: inout NamedTensors, mode: Mode) -> Variable {
        network.decode(codes, buffers: &buffers, mode: mode)
    }
}
