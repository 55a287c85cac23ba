package import Autodiff
import Layers
package import TensorCore

/// What is minimized, and what is reported of held-out pictures.
///
/// - plain, denoising, sparse: the mean squared error of a value, pixels in 0...1; for the book's architecture on its
///   scale of -1...1, which is four times that. Sparse codes cost their mean times a weight besides, in training only.
/// - variational: the negative evidence lower bound in nats an image: binary cross-entropy of all its values plus the
///   divergence from the unit Gaussian, one draw of the code for each picture.
package struct AutoencoderLoss {
    let configuration: AutoencoderConfiguration

    /// From here on each is a number of its own among the streams of a step.
    private static let noiseStream: UInt64 = 0x4000
    private static let maskStream: UInt64 = 0x4001
    private static let codeStream: UInt64 = 0x4002

    package init(configuration: AutoencoderConfiguration) { self.configuration = configuration }

    /// What the encoder is shown in place of the clean pictures.
    func spoiled(_ pictures: Tensor, by random: RandomStream, in context: ComputeContext) -> Tensor {
        guard case .denoising(let noise, let masking) = configuration.kind else { return pictures }
        return PictureNoise(deviation: Float(noise), masking: Float(masking))
            .spoil(pictures, by: random, streams: (Self.noiseStream, Self.maskStream), in: context)
    }

    /// The loss of a training batch, a scalar.
    /// - Parameter divergenceWeight: of the divergence while it is being introduced, 0...1.
    package func training(
        _ model: Autoencoder, _ pictures: Tensor, random: RandomStream,
        divergenceWeight: Double, on tape: Tape
    ) -> Variable {
        let mode = Mode.training(random)
        let shown = tape.constant(spoiled(pictures, by: random, in: tape.context))
        let encoding = model.encode(shown, mode: mode)
        if case .variational(let freeNats) = configuration.kind, let logVariance = encoding.logVariance {
            let code = encoding.code.gaussianDraw(logVariance: logVariance, from: draw(random))
            let logits = model.decode(code, mode: mode)
            let reconstruction = logits.binaryCrossEntropy(targets: pictures, reduction: .sumPerImage)
            let divergence = encoding.code.gaussianDivergence(logVariance: logVariance, freeNats: Float(freeNats))
            return reconstruction + divergence * Float(divergenceWeight)
        }
        let logits = model.decode(encoding.code, mode: mode)
        let error = logits.sigmoid().squaredError(to: pictures) * Float(scale)
        guard case .sparse(let weight) = configuration.kind else { return error }
        return error + encoding.code.mean() * Float(weight)
    }

    /// The loss of a model that answers with the mean of the pictures, whatever it is shown.
    /// - Parameter variance: the mean squared distance of a picture from that mean, all values together.
    /// - Returns: nil where it takes the variance and that is not known.
    func ofMeanPicture(_ mean: Tensor, variance: Double?) -> Double? {
        guard configuration.kind.isVariational else { return variance.map { $0 / Double(max(1, mean.count)) * scale } }
        // The cross-entropy of values with mean m from a constant m.
        return mean.values.reduce(0) { sum, value in
            let m = min(1 - 1e-6, max(1e-6, Double(value)))
            return sum - m * DeterministicMath.log(m) - (1 - m) * DeterministicMath.log(1 - m)
        }
    }

    /// What a squared error on 0...1 is multiplied by.
    var scale: Double { configuration.architecture == .book ? 4 : 1 }

    func draw(_ random: RandomStream) -> RandomStream {
        var stream = random
        stream.stream &+= Self.codeStream
        return stream
    }
}
