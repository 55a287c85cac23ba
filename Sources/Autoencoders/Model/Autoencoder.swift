package import Autodiff
import Images
package import Layers
import Requirements
package import TensorCore
package import TrainingRuns

/// An autoencoder: pictures to codes and codes to pictures. Pictures are [N, C, H, W] in 0...1, codes [N, K].
package struct Autoencoder {
    package let configuration: AutoencoderConfiguration
    private let network: any AutoencoderNetwork

    /// Weights are a function of the seed only.
    package init(_ configuration: AutoencoderConfiguration, seed: UInt64, in context: ComputeContext) {
        self.configuration = configuration
        network =
            switch configuration.architecture {
            case .standard: StandardNetwork(configuration, seed: seed, in: context)
            case .book: BookNetwork(configuration, seed: seed, in: context)
            }
    }

    package var parameters: [Parameter] { network.parameters }
    /// The running statistics of batch normalization.
    package var buffers: [Buffer] { network.buffers }
    package var weights: NamedTensors { NamedTensors(parameters.map { ($0.name, $0.value) }) }

    /// Sets the weights to stored ones, by name.
    /// - Throws: ``RunError/damagedCheckpoint(_:)`` naming a tensor that is missing or has another shape.
    package func load(_ tensors: NamedTensors) throws(RunError) {
        for parameter in parameters { try parameter.load(from: tensors) }
    }

    /// Takes over stored running statistics.
    /// - Throws: ``RunError/damagedCheckpoint(_:)`` if one is missing or has another shape.
    package func loadBuffers(_ tensors: NamedTensors) throws(RunError) {
        for buffer in buffers {
            guard let tensor = tensors[buffer.name], tensor.shape == buffer.value.shape else {
                throw .damagedCheckpoint("running statistics \(buffer.name) are missing or have another shape")
            }
            buffer.value = tensor
        }
    }

    // MARK: On a tape

    /// What the encoder makes of a batch of pictures.
    package struct Encoding {
        /// [N, K]; for a variational model the means.
        package var code: Variable
        /// [N, K], of a variational model.
        package var logVariance: Variable?
    }

    /// - Parameter pictures: [N, C, H, W] in 0...1.
    package func encode(_ pictures: Variable, mode: Mode) -> Encoding {
        let format = configuration.format
        require(
            pictures.shape.dimensions.dropFirst() == [format.channels, format.height, format.width],
            "pictures of shape \(pictures.shape) for a model of \(format)")
        let outputs = network.encode(pictures, mode: mode), code = configuration.code
        switch configuration.kind {
        case .plain, .denoising: return Encoding(code: outputs)
        case .sparse: return Encoding(code: outputs.relu())
        case .variational:
            return Encoding(
                code: outputs.columns(0..<code), logVariance: outputs.columns(code..<2 * code))
        }
    }

    /// Codes [N, K] to the logits of pictures, [N, C, H, W]: their sigmoid is the picture.
    package func decode(_ codes: Variable, mode: Mode) -> Variable {
        network.decode(codes, mode: mode)
    }
}

/// An encoder and a decoder that fit together, without a loss.
protocol AutoencoderNetwork {
    var parameters: [Parameter] { get }
    /// The running statistics of batch normalization.
    var buffers: [Buffer] { get }

    /// Pictures [N, C, H, W] in 0...1 to what the encoder gives for each, [N, K] or [N, 2 K].
    func encode(_ pictures: Variable, mode: Mode) -> Variable
    /// Codes [N, K] to the logits of pictures [N, C, H, W].
    func decode(_ codes: Variable, mode: Mode) -> Variable
}
