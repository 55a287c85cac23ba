import Autoencoders
import Checkpoints
import Images
import MapExplorer
import TensorCore

/// The pictures that a server shows and searches, as a model sees them: their codes, and a small version of each.
struct PictureGallery: @unchecked Sendable {
    let codes: PictureCodes
    let sheet: TileSheet
    let tiles: [Picture]

    /// - Parameters:
    ///   - paths: pictures to encode; none: the codes that the store keeps with the run, and what they are decoded to.
    ///   - limit: pictures at most, spread evenly over all.
    /// - Throws: ``ServedPictureError/noPictures(run:reason:)``, `StoreError`
    init(
        _ saved: SavedAutoencoder, at paths: [String], store: CheckpointStore, limit: Int, in context: ComputeContext
    ) throws {
        let sheet = TileSheet(of: saved.format.size, longest: MapExplorer.longestTile)
        self.sheet = sheet
        do {
            if paths.isEmpty {
                codes = try StoredCodes.read(of: saved, from: store).codes.spread(atMost: limit)
                tiles = saved.pictures(from: codes.codes, in: context).map(sheet.reduced)
            } else {
                var tiles: [Picture] = []
                let source = StreamedPictures(try ImageCollection.scan(paths), format: saved.format)
                let codes = try saved.codes(of: PicturePass(source, spreadAtMost: limit), in: context) { batch in
                    tiles += (0..<batch.count).map { sheet.reduced(batch.picture($0)) }
                }
                guard let codes else { throw CancellationError() }
                (self.codes, self.tiles) = (codes, tiles)
            }
        } catch let error as AutoencoderError {
            throw ServedPictureError.noPictures(run: saved.run.name, reason: "\(error)")
        } catch let error as ImageError {
            throw ServedPictureError.noPictures(run: saved.run.name, reason: "\(error)")
        }
    }
}
