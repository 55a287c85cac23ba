import Checkpoints
package import Images
package import TensorCore
import TrainingRuns

/// One pass over pictures, in batches that are decoded ahead on other threads: memory does not depend on their number.
package struct PicturePass {
    package let source: any PictureSource
    package let indices: [Int]
    package let batchSize: Int

    /// - Parameter indices: into the source's collection; nil: all of them.
    package init(_ source: any PictureSource, _ indices: [Int]? = nil) {
        self.source = source
        self.indices = indices ?? Array(0..<source.count)
        batchSize = Self.batchSize(for: source.format)
    }

    /// A pass over at most `limit` pictures, spread evenly over the collection.
    package init(_ source: any PictureSource, spreadAtMost limit: Int) {
        self.init(source, Spread.indices(min(limit, source.count), of: source.count))
    }

    /// How far a pass has come.
    package struct Progress: Hashable, Sendable {
        /// How many pictures the pass goes over.
        package var count: Int
        package var read = 0
        /// Pictures that could not be read.
        package var failed = 0
        /// Somebody ended the pass before its end.
        package var isStopped = false

        package var done: Int { read + failed }
    }

    /// Who watches a pass, and may end it.
    package struct Observer {
        /// Asked before each batch.
        package var shouldStop: () -> Bool
        /// Told after each batch.
        package var onProgress: (Progress) -> Void
        /// Told of each picture that is left out.
        package var onFailure: (PictureFailure) -> Void

        package init(
            shouldStop: @escaping () -> Bool = { false }, onProgress: @escaping (Progress) -> Void = { _ in },
            onFailure: @escaping (PictureFailure) -> Void = { _ in }
        ) {
            (self.shouldStop, self.onProgress, self.onFailure) = (shouldStop, onProgress, onFailure)
        }
    }

    /// Calls the body with each batch that holds a picture, in order.
    ///
    /// - Throws: what the body throws; `ImageError.nothingReadable` if no picture could be read; under `isStrict` the
    ///   error of the first that could not.
    @discardableResult
    package func run(_ observer: Observer = Observer(), _ body: (PictureBatch) throws -> Void) throws -> Progress {
        var progress = Progress(count: indices.count), first: ImageError?
        let stream = source.stream(indices, batchSize: batchSize)
        while !observer.shouldStop() {
            guard let batch = try stream.next() else {
                if progress.read == 0, let first {
                    throw ImageError.nothingReadable(count: progress.failed, first: first.description)
                }
                return progress
            }
            first = first ?? batch.failures.first?.error
            batch.failures.forEach(observer.onFailure)
            if batch.count > 0 { try body(batch) }
            progress.read += batch.count
            progress.failed += batch.failures.count
            observer.onProgress(progress)
        }
        progress.isStopped = progress.done < progress.count
        return progress
    }

    /// 128 pictures, or as many as have 8 million values together, in whole blocks of the 16 that are computed at once.
    static func batchSize(for format: PictureFormat) -> Int {
        max(16, min(128, (8 << 20) / format.count / 16 * 16))
    }
}

extension SavedAutoencoder {
    /// The pictures that the run was made from, read again from where they were, and found to be the same.
    ///
    /// - Parameters:
    ///   - instead: what a user can do where they are not there any more, for the message.
    ///   - progress: pictures done, of how many; false ends the reading.
    /// - Returns: nil if `progress` ended it.
    /// - Throws: ``AutoencoderError/runPicturesNeeded(run:reason:instead:)``
    package func runPictures(
        or instead: String, in context: ComputeContext,
        progress: @escaping (_ done: Int, _ count: Int) -> Bool = { _, _ in true }
    ) throws -> PreparedPictures? {
        do {
            return try PreparedPictures.reread(
                record, run: run.name, format: format, baseline: baseline, in: context, progress: progress)
        } catch is CancellationError {
            return nil
        } catch AutoencoderError.picturesNotFound(_, let paths, let heldOutPaths, let reason) {
            throw AutoencoderError.runPicturesNeeded(
                run: run.name,
                reason: "they cannot be read from \((paths + heldOutPaths).joined(separator: ", ")) (\(reason))",
                instead: instead)
        } catch AutoencoderError.otherPictures(_, let areHeldOut, let expected, let found) {
            throw AutoencoderError.runPicturesNeeded(
                run: run.name,
                reason:
                    "\(areHeldOut ? "those held out" : "they") have changed (fingerprint \(found.prefix(12))…, "
                    + "recorded \(expected.prefix(12))…)",
                instead: instead)
        }
    }
}

extension PreparedPictures {
    /// A pass over the pictures that were trained on; at most so many, spread evenly.
    package func trainingPass(atMost limit: Int = .max) -> PicturePass {
        let chosen = Spread.indices(min(limit, trainingIndices.count), of: trainingIndices.count)
        return PicturePass(training, chosen.map { trainingIndices[$0] })
    }

    /// A pass over the pictures that were held out.
    package var heldOutPass: PicturePass { PicturePass(validation, validationIndices) }
}
