package import Images
import Requirements
package import TensorCore

/// The errors of many reconstructions, and which pictures come back best and worst.
package struct ReconstructionReport: Sendable {
    /// The pictures with their errors, in the order of the collection.
    package let pictures: [ScoredPicture]
    /// Positions among the pictures, by decreasing mean squared error; the earlier first among equals.
    package let ranking: [Int]

    /// Which pictures to show.
    package enum Choice: String, CaseIterable, Sendable {
        /// Pictures spread evenly over the collection.
        case spread
        case first, worst, best
    }

    /// - Precondition: at least one picture.
    package init(_ pictures: [ScoredPicture]) {
        require(!pictures.isEmpty, "a report on no pictures")
        self.pictures = pictures
        ranking = pictures.indices.sorted {
            let (a, b) = (pictures[$0].error.meanSquared, pictures[$1].error.meanSquared)
            return a != b ? a > b : $0 < $1
        }
    }

    package var worst: ScoredPicture { pictures[ranking[0]] }
    package var best: ScoredPicture { pictures[ranking[ranking.count - 1]] }
    package var medianSquaredError: Double {
        let (low, high) = (ranking[(ranking.count - 1) / 2], ranking[ranking.count / 2])
        return (pictures[low].error.meanSquared + pictures[high].error.meanSquared) / 2
    }

    /// The mean over pictures of each one's error, however many pixels it has.
    package var meanError: PictureError {
        let count = Double(pictures.count)
        return PictureError(
            meanSquared: pictures.reduce(0) { $0 + $1.error.meanSquared } / count,
            meanAbsolute: pictures.reduce(0) { $0 + $1.error.meanAbsolute } / count)
    }

    /// At most so many pictures: in the collection's order, or worst or best first.
    package func chosen(_ choice: Choice, count: Int) -> [ScoredPicture] {
        switch choice {
        case .spread: Spread.indices(count, of: pictures.count).map { pictures[$0] }
        case .first: Array(pictures.prefix(count))
        case .worst: ranking.prefix(count).map { pictures[$0] }
        case .best: ranking.reversed().prefix(count).map { pictures[$0] }
        }
    }
}

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
