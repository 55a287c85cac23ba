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
    ///   The same pictures and seed give the same noise.
    /// - Throws: as ``PicturePass/run(_:_:)``.
    @discardableResult
    package func denoise(
        _ pass: PicturePass, addingNoise seed: UInt64? = nil, in context: ComputeContext,
        _ observer: PicturePass.Observer = .init(), onBatch: (Reconstruction) throws -> Void
    ) throws -> PicturePass.Progress {
        try pass.run(observer) { batch in
            let read = batch.tensor(in: context.workspace), shape = read.shape
            var seen = read
            if shape[1] != format.channels {
                require(format.channels == 1, "pictures of \(shape[1]) channels for a model of \(format.channels)")
                seen = read.reshaped(to: [shape[0] * shape[1], 1, shape[2], shape[3]])
            }
            if let seed, let first = batch.indices.first {
                seen = spoiled(seen, by: RandomStream(seed: seed, step: UInt64(first)), in: context)
            }
            let made = reconstruct(seen, in: context).reshaped(to: shape)
            try onBatch(Reconstruction(batch, pictures: seen.reshaped(to: shape), made: made))
        }
    }
}

extension Reconstruction {
    /// The noisy picture that the model was shown, at the size and mode of the original.
    package func input(_ position: Int) -> Picture { restored(pictures, position) }
}
