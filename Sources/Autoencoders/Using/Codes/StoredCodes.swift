package import Checkpoints
import TensorCore

/// The codes that a store keeps with a run.
package struct StoredCodes: Sendable {
    /// Those that the model in use has made.
    package let codes: PictureCodes
    /// How many there are besides, made by other weights of the run.
    package let outdated: Int

    /// - Throws: ``AutoencoderError/noStoredCodes(run:outdated:)`` where there is none of these weights, `StoreError`.
    package static func read(of saved: SavedAutoencoder, from store: CheckpointStore) throws -> StoredCodes {
        let all = try store.codes(of: saved.run.id)
        let current = all.filter { $0.step == saved.step && $0.values.count == saved.codeSize }
        guard !current.isEmpty else {
            throw AutoencoderError.noStoredCodes(run: saved.run.name, outdated: all.count)
        }
        return StoredCodes(
            codes: PictureCodes(
                names: current.map(\.name), labels: current.map(\.label),
                codes: Tensor(current.flatMap(\.values), shape: [current.count, saved.codeSize])),
            outdated: all.count - current.count)
    }
}

extension SavedAutoencoder {
    /// Codes that this model can decode.
    ///
    /// - Parameter path: where they are from, for messages.
    /// - Throws: ``AutoencoderError/codeLength(path:found:expected:run:)``
    package func check(_ codes: PictureCodes, from path: String) throws(AutoencoderError) {
        guard codes.length == codeSize else {
            throw .codeLength(path: path, found: codes.length, expected: codeSize, run: run.name)
        }
    }
}
