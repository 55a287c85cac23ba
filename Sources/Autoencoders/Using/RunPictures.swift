import Checkpoints
package import TensorCore
import TrainingRuns

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
                record, run: run.name, format: format, at: [], baseline: baseline, in: context, progress: progress)
        } catch is CancellationError {
            return nil
        } catch AutoencoderError.picturesNotFound(_, let paths, let reason) {
            throw AutoencoderError.runPicturesNeeded(
                run: run.name, reason: "they cannot be read from \(paths.joined(separator: ", ")) (\(reason))",
                instead: instead)
        } catch AutoencoderError.otherPictures(_, let expected, let found) {
            throw AutoencoderError.runPicturesNeeded(
                run: run.name,
                reason: "they have changed (fingerprint \(found.prefix(12))…, recorded \(expected.prefix(12))…)",
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
