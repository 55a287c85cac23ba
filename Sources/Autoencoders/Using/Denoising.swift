public import Images
public import TensorCore

extension SavedAutoencoder {
    /// - Throws: ``AutoencoderError/kind(run:kind:reason:)`` for a model that was not trained to denoise.
    public func checkDenoises() throws(AutoencoderError) {
        guard case .denoising = plan.model.kind else {
            throw .kind(
                run: run.name, kind: plan.model.kind.name,
                reason:
                    "it has not learned to tell noise from pictures. Name one that does with --run, or train one: ae train PATH --kind denoising"
            )
        }
    }

    /// Takes pictures through the model, batch after batch.
    ///
    /// - Parameter seed: of noise, as in training, that is added to the pictures first; nil: they are noisy as they are.
    ///   The same pictures and seed give the same noise.
    /// - Throws: as ``PicturePass/run(_:_:)``.
    @discardableResult
    public func denoise(
        _ pass: PicturePass, addingNoise seed: UInt64? = nil, in context: ComputeContext,
        _ observer: PicturePass.Observer = .init(), onBatch: (Reconstruction) throws -> Void
    ) throws -> PicturePass.Progress {
        try pass.run(observer) { batch in
            var pictures = batch.tensor(in: context.workspace)
            if let seed, let first = batch.indices.first {
                pictures = spoilt(pictures, by: RandomStream(seed: seed, step: UInt64(first)), in: context)
            }
            try onBatch(Reconstruction(batch, pictures: pictures, made: reconstruct(pictures, in: context)))
        }
    }
}

extension Reconstruction {
    /// What the model was shown, at the size and mode of the picture.
    public func input(_ position: Int) -> Picture { restored(pictures, position) }
}
