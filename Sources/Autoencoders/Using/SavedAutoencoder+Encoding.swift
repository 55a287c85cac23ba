package import Images
import Requirements
package import TensorCore

extension SavedAutoencoder {
    /// Encodes pictures batch after batch.
    ///
    /// - Throws: as ``PicturePass/run(_:_:)``.
    @discardableResult
    package func encode(
        _ pass: PicturePass, in context: ComputeContext, _ observer: PicturePass.Observer = .init(),
        onBatch: (PictureBatch, PictureCodes) throws -> Void
    ) throws -> PicturePass.Progress {
        let items = pass.source.collection.items
        return try pass.run(observer) { batch in
            let codes = encode(batch.tensor(in: context.workspace), in: context)
            try onBatch(
                batch,
                PictureCodes(
                    names: batch.indices.map { items[$0].name }, labels: batch.indices.map { items[$0].label },
                    codes: codes))
        }
    }

    /// The codes of pictures, together.
    ///
    /// - Parameter onBatch: called with each batch besides.
    /// - Returns: nil if the observer ended it.
    package func codes(
        of pass: PicturePass, in context: ComputeContext, _ observer: PicturePass.Observer = .init(),
        onBatch: (PictureBatch) throws -> Void = { _ in }
    ) throws -> PictureCodes? {
        var collected = PictureCodes.Collector(length: codeSize)
        let progress = try encode(pass, in: context, observer) { batch, codes in
            collected.append(codes)
            try onBatch(batch)
        }
        return progress.isStopped ? nil : collected.take()
    }

    /// The code of one picture, [K], and where it lay in the model's format.
    ///
    /// - Parameter collection: of one picture.
    /// - Throws: `ImageError` where it cannot be read.
    package func code(
        of collection: ImageCollection, in context: ComputeContext
    ) throws -> (code: [Float], placement: Placement) {
        require(collection.items.count == 1, "one code of \(collection.items.count) pictures")
        let source = StreamedPictures(
            collection, format: format, options: LoadingOptions(threads: 1, isStrict: true))
        let batch = try source.batch([0])
        return (encode(batch.tensor(), in: context).values, batch.placements[0])
    }

    /// Codes to pictures, in batches as wide as those that are encoded.
    ///
    /// - Parameters:
    ///   - codes: [N, K]
    ///   - placement: where pictures with such codes lie in the format, to bring them back at their own size; nil: they
    ///     fill it.
    package func pictures(
        from codes: Tensor, at placement: Placement? = nil, in context: ComputeContext
    ) -> [Picture] {
        let placement = placement ?? Placement(filling: format)
        var pictures: [Picture] = []
        for start in stride(from: 0, to: codes.shape[0], by: 128) {
            let rows = codes.rows(start..<min(codes.shape[0], start + 128))
            decode(rows, in: context).withUnsafePointer { values in
                for row in 0..<rows.shape[0] {
                    let picture = UnsafeBufferPointer(start: values + row * format.count, count: format.count)
                    pictures.append(placement.restored(from: picture, in: format))
                }
            }
        }
        return pictures
    }
}
