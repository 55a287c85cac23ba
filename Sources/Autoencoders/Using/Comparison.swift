package import Images
package import TensorCore

/// A picture, what came back of it, and where the two differ; each at the picture's own size.
package struct Comparison {
    package var score: ScoredPicture
    package var input: Picture
    package var made: Picture
    package var heatMap: Picture?
}

extension SavedAutoencoder {
    /// Reads some pictures once more and shows what becomes of them, one after the other.
    ///
    /// - Parameters:
    ///   - scores: of pictures of the source, in the order in which they are to come.
    ///   - heatMaps: to draw where a picture differs; nil: none.
    /// - Returns: how far it came: pictures that can no longer be read are left out.
    @discardableResult
    package func compare(
        _ scores: [ScoredPicture], in source: any PictureSource, heatMaps: HeatMap? = nil, context: ComputeContext,
        _ observer: PicturePass.Observer = .init(), onEach: (Comparison) throws -> Void
    ) throws -> PicturePass.Progress {
        let items = source.collection.items
        let byIndex = Dictionary(scores.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        return try reconstruct(PicturePass(source, scores.map(\.index)), in: context, observer) { reconstruction in
            let batch = reconstruction.batch
            for (position, index) in batch.indices.enumerated() {
                guard !observer.shouldStop() else { return }
                let place = batch.placements[position]
                // Another file by now has another size: then there is nothing to lay the errors over.
                guard let score = byIndex[index], let input = try? items[index].picture(over: batch.format.background),
                    input.size == place.original
                else { continue }
                try onEach(
                    Comparison(
                        score: score, input: input, made: reconstruction.picture(position),
                        heatMap: heatMaps?.picture(
                            of: reconstruction.pixelErrors(position), over: input, at: place, in: batch.format)))
            }
        }
    }
}

extension ContactSheet {
    /// A picture no larger than it is shown: a sheet of photographs would else take gigabytes while it is made.
    package func reduced(_ picture: Picture) -> Picture {
        let longer = max(picture.width, picture.height)
        guard longer > longestShown else { return picture }
        return picture.resized(
            width: max(1, picture.width * longestShown / longer), height: max(1, picture.height * longestShown / longer)
        )
    }
}
