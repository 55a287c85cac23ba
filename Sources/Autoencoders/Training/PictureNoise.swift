import CKernels
package import TensorCore

/// What spoils a picture on purpose: Gaussian noise on its values, and blackened pixels.
package struct PictureNoise: Hashable, Codable, Sendable {
    /// Standard deviation, on values in 0...1.
    package var deviation: Float
    /// Share of the pixels, all channels of one together.
    package var masking: Float

    package init(deviation: Float, masking: Float) {
        (self.deviation, self.masking) = (deviation, masking)
    }

    /// - Parameters:
    ///   - pictures: [N, C, H, W] in 0...1; what comes back is so too.
    ///   - streams: added to the stream's own number, for noise and for masks.
    package func spoil(
        _ pictures: Tensor, by random: RandomStream, streams: (noise: UInt64, mask: UInt64), in context: ComputeContext
    ) -> Tensor {
        var spoiled = pictures
        if deviation > 0 {
            var stream = random
            stream.stream &+= streams.noise
            let noise = stream.normal(pictures.shape, deviation: deviation, in: context)
            let kernels = context.kernels
            spoiled = context.map(context.map(spoiled, noise, kernels.add)) { kernels.clamp($0, 0, 1, $1, $2) }
        }
        if masking > 0 {
            var stream = random
            stream.stream &+= streams.mask
            let images = pictures.shape[0], channels = pictures.shape[1]
            let pixels = pictures.shape[2] * pictures.shape[3]
            let draws = stream.uniform(count: images * pixels, in: context)
            spoiled.withUnsafeMutablePointer { values in
                for image in 0..<images {
                    for pixel in 0..<pixels where draws[image * pixels + pixel] < masking {
                        for channel in 0..<channels { values[(image * channels + channel) * pixels + pixel] = 0 }
                    }
                }
            }
        }
        return spoiled
    }
}
