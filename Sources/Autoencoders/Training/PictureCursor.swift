import Images
package import TensorCore

/// Where in its pictures training stands: the pass, and the batch within it.
package struct PictureCursor: Hashable, Codable, Sendable {
    package var epoch = 0
    package var batch = 0

    package init(epoch: Int = 0, batch: Int = 0) { (self.epoch, self.batch) = (epoch, batch) }
}

/// The order in which pictures are seen: each pass all of them in an order of its own, a function of the seed and the
/// pass, in batches of one size; those that do not fill a last batch wait for another pass.
package struct PictureOrder: Sendable {
    let training: [Int]
    let batch: Int
    let seed: UInt64
    private static let stream: UInt64 = 0x6f72646572  // "order"

    package init(training: [Int], batch: Int, seed: UInt64) {
        (self.training, self.batch, self.seed) = (training, batch, seed)
    }

    var batchesPerEpoch: Int { max(1, training.count / batch) }

    /// The training pictures in the order of a pass, as indices into the collection.
    package func indices(epoch: Int, in context: ComputeContext) -> [Int] {
        RandomStream(seed: seed, stream: Self.stream, step: UInt64(epoch))
            .permutation(of: training.count, in: context).map { training[$0] }
    }

    package func next(after cursor: PictureCursor) -> PictureCursor {
        cursor.batch + 1 < batchesPerEpoch
            ? PictureCursor(epoch: cursor.epoch, batch: cursor.batch + 1) : PictureCursor(epoch: cursor.epoch + 1)
    }
}
