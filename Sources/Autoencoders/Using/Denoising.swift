import Checkpoints
package import Images
import Requirements
package import TensorCore

extension SavedAutoencoder {
    /// - Throws: ``AutoencoderError/kind(run:kind:reason:)`` for a model that was not trained to denoise.
    package func checkDenoises() throws(AutoencoderError) {
        guard case .denoising = plan.model.kind else {
            throw .kind(
                run: run.name, kind: plan.model.kind.name,
                reason:
                    "it has not learned to tell noise from pictures. Name one that has with `run`, or train one with "
                    + "`kind` denoising")
        }
    }

    /// What pictures are fitted into to be denoised: what the model sees, but in color where the pictures have it.
    package func denoisingFormat(for collection: ImageCollection) -> PictureFormat {
        PictureFormat(
            size: format.size, channels: collection.isGray ? format.channels : 3, background: format.background)
    }

    /// Takes pictures through the model, batch after batch. Where they have three channels and the model sees gray, each
    /// channel goes through it as a picture of its own.
    ///
    /// - Parameter seed: of noise, as in training, that is added to the pictures first; nil: they are noisy as they are.
    ///   The same pictures and seed give the same noise. Where the model sees gray, a gray picture is spoiled as one of one
    ///   channel, whatever lies beside it.
    /// - Throws: as ``PicturePass/run(_:_:)``.
    @discardableResult
    package func denoise(
        _ pass: PicturePass, addingNoise seed: UInt64? = nil, in context: ComputeContext,
        _ observer: PicturePass.Observer = .init(), onBatch: (Reconstruction) throws -> Void
    ) throws -> PicturePass.Progress {
        try pass.run(observer) { batch in
            var seen = batch.tensor(in: context.workspace)
            let shape = seen.shape
            // Before channels become pictures: a pixel that is blackened is so in all of them, as in training.
            if let seed, let first = batch.indices.first {
                seen = spoiled(seen, by: RandomStream(seed: seed, step: UInt64(first)), in: context)
                if format.channels == 1 { seen.makeGray(batch.placements.map { $0.originalChannels == 1 }) }
            }
            if shape[1] != format.channels {
                require(format.channels == 1, "pictures of \(shape[1]) channels for a model of \(format.channels)")
                seen = seen.reshaped(to: [shape[0] * shape[1], 1, shape[2], shape[3]])
            }
            let made = reconstruct(seen, in: context).reshaped(to: shape)
            try onBatch(Reconstruction(batch, pictures: seen.reshaped(to: shape), made: made))
        }
    }
}

extension Tensor {
    /// Copies the first channel of some pictures of [N, C, H, W] into their others.
    fileprivate mutating func makeGray(_ isGray: [Bool]) {
        let channels = shape[1], pixels = shape[2] * shape[3]
        guard channels > 1 else { return }
        withUnsafeMutablePointer { values in
            for position in isGray.indices where isGray[position] {
                let first = values + position * channels * pixels
                for channel in 1..<channels { (first + channel * pixels).update(from: first, count: pixels) }
            }
        }
    }
}

extension Reconstruction {
    /// The noisy picture that the model was shown, at the size and mode of the original.
    package func input(_ position: Int) -> Picture { restored(pictures, position) }
}
