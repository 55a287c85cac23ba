package import Images
import Requirements
package import TensorCore

/// How far a reconstruction is from its picture: over the picture's own pixels as the model sees them, not over the
/// filling around them. Pixels in 0...1.
package struct PictureError: Hashable, Sendable {
    package var meanSquared: Double
    package var meanAbsolute: Double

    package init(meanSquared: Double, meanAbsolute: Double) {
        (self.meanSquared, self.meanAbsolute) = (meanSquared, meanAbsolute)
    }
}

/// Pictures of a collection beside what a model made of them.
package struct Reconstruction {
    package let batch: PictureBatch
    /// [N, C, H, W] in 0...1, before and after.
    package let pictures: Tensor
    package let made: Tensor

    package init(_ batch: PictureBatch, pictures: Tensor, made: Tensor) {
        require(made.shape == pictures.shape, "pictures \(pictures.shape) became \(made.shape)")
        (self.batch, self.pictures, self.made) = (batch, pictures, made)
    }

    package var count: Int { batch.count }

    /// The reconstruction of a picture, at the size and mode of the original.
    package func picture(_ position: Int) -> Picture { restored(made, position) }

    func restored(_ values: Tensor, _ position: Int) -> Picture {
        let size = batch.format.count
        return values.withUnsafePointer {
            batch.placements[position].restored(
                from: UnsafeBufferPointer(start: $0 + position * size, count: size), in: batch.format)
        }
    }

    package func error(_ position: Int) -> PictureError {
        let format = batch.format, place = batch.placements[position]
        var squared = 0.0, absolute = 0.0
        withDifferences(of: position) { row, differences in
            guard (place.y..<place.y + place.height).contains(row) else { return }
            for column in place.x..<place.x + place.width {
                let difference = Double(differences[column])
                squared += difference * difference
                absolute += abs(difference)
            }
        }
        let count = Double(place.width * place.height * format.channels)
        return PictureError(meanSquared: squared / count, meanAbsolute: absolute / count)
    }

    /// The error of each pixel, [height, width]: the root of the mean square over its channels, 0...1.
    package func pixelErrors(_ position: Int) -> [Float] {
        let format = batch.format
        var squares = [Float](repeating: 0, count: format.width * format.height)
        withDifferences(of: position) { row, differences in
            for column in 0..<format.width {
                squares[row * format.width + column] += differences[column] * differences[column]
            }
        }
        return squares.map { ($0 / Float(format.channels)).squareRoot() }
    }

    /// Row after row, channel after channel: made less picture.
    private func withDifferences(of position: Int, _ body: (_ row: Int, _ differences: [Float]) -> Void) {
        let format = batch.format, width = format.width
        var differences = [Float](repeating: 0, count: width)
        pictures.withUnsafePointer { pictures in
            made.withUnsafePointer { made in
                for channel in 0..<format.channels {
                    for row in 0..<format.height {
                        let first = position * format.count + (channel * format.height + row) * width
                        for column in 0..<width {
                            differences[column] = made[first + column] - pictures[first + column]
                        }
                        body(row, differences)
                    }
                }
            }
        }
    }
}

/// A picture of a collection with the error of its reconstruction.
package struct ScoredPicture: Hashable, Sendable {
    /// The picture's place in the collection.
    package var index: Int
    package var name: String
    package var label: String?
    package var error: PictureError

    package init(index: Int, name: String, label: String?, error: PictureError) {
        (self.index, self.name, self.label, self.error) = (index, name, label, error)
    }
}

extension SavedAutoencoder {
    /// Takes pictures to codes and back, batch after batch.
    ///
    /// - Throws: as ``PicturePass/run(_:_:)``.
    @discardableResult
    package func reconstruct(
        _ pass: PicturePass, in context: ComputeContext, _ observer: PicturePass.Observer = .init(),
        onBatch: (Reconstruction) throws -> Void
    ) throws -> PicturePass.Progress {
        try pass.run(observer) { batch in
            let pictures = batch.tensor(in: context.workspace)
            try onBatch(Reconstruction(batch, pictures: pictures, made: reconstruct(pictures, in: context)))
        }
    }

    /// The error of each picture, in the order of the collection.
    ///
    /// - Parameter onBatch: called with each batch besides.
    /// - Returns: nil if the observer ended it.
    package func scores(
        of pass: PicturePass, in context: ComputeContext, _ observer: PicturePass.Observer = .init(),
        onBatch: (Reconstruction) throws -> Void = { _ in }
    ) throws -> [ScoredPicture]? {
        let items = pass.source.collection.items
        var scores: [ScoredPicture] = []
        let progress = try reconstruct(pass, in: context, observer) { reconstruction in
            for (position, index) in reconstruction.batch.indices.enumerated() {
                scores.append(
                    ScoredPicture(
                        index: index, name: items[index].name, label: items[index].label,
                        error: reconstruction.error(position)))
            }
            try onBatch(reconstruction)
        }
        return progress.isStopped ? nil : scores
    }
}
