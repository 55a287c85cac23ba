import Images
import TensorCore
import TrainingRuns

/// Pictures that a run counts on and that cannot be read while it trains.
struct MissingPictures {
    private(set) var first: PictureFailure?
    private var indices: Set<Int> = []

    var count: Int { indices.count }

    mutating func add(_ failures: [PictureFailure]) {
        first = first ?? failures.first
        indices.formUnion(failures.map(\.index))
    }
}

/// The training pictures in their random order, batch after batch; where they do not fit into memory they are read
/// ahead on other threads.
final class TrainingPictures {
    private let source: any PictureSource
    private let order: PictureOrder
    private let augmentation: Augmentation
    private let context: ComputeContext
    /// What lies ahead of the cursor, once it has been asked for.
    private var stream: PictureStream?
    /// The batch at the cursor, if it has been read, and the place after it.
    private var current: (pixels: Tensor, next: PictureCursor)?
    /// Where the stream stands.
    private var streamed = PictureCursor()
    private static let augmentationStream: UInt64 = 0x6175676d  // "augm"
    /// Those that could not be read so far, each once.
    private(set) var missing = MissingPictures()

    var cursor = PictureCursor() {
        didSet {
            guard cursor != oldValue else { return }
            // The stream goes on where it is, unless somebody has jumped.
            if current?.next != cursor { stream = nil }
            current = nil
        }
    }

    init(_ source: any PictureSource, order: PictureOrder, augmentation: Augmentation, in context: ComputeContext) {
        (self.source, self.order, self.augmentation, self.context) = (source, order, augmentation, context)
    }

    func accepts(_ cursor: PictureCursor) -> Bool {
        (0...largestStepCount).contains(cursor.epoch) && (0..<order.batchesPerEpoch).contains(cursor.batch)
    }

    /// The batch at the cursor, [N, C, H, W] in 0...1, and the place after it. Fewer than a batch where pictures cannot
    /// be read; places where none can are passed over.
    func batch() throws -> (pixels: Tensor, next: PictureCursor) {
        if let current { return current }
        if stream == nil {
            streamed = cursor
            stream = source.stream(batches(from: cursor))
        }
        for _ in 0..<order.batchesPerEpoch {
            guard var batch = try stream?.next() else { fatalError("passes over pictures do not end") }
            let epoch = streamed.epoch
            streamed = order.next(after: streamed)
            missing.add(batch.failures)
            guard batch.count > 0 else { continue }
            augmentation.apply(
                to: &batch, stream: RandomStream(seed: order.seed, stream: Self.augmentationStream), epoch: epoch,
                in: context)
            let read = (batch.tensor(in: context.workspace), streamed)
            current = read
            return read
        }
        throw ImageError.nothingReadable(
            count: order.training.count, first: missing.first?.description ?? "there are none")
    }

    /// Called from other threads, once for each batch in order.
    private func batches(from start: PictureCursor) -> @Sendable (Int) -> [Int]? {
        let order = order, set = context.instructionSet
        let pass = Pass()
        return { number in
            let total = start.batch + number, perEpoch = order.batchesPerEpoch
            let epoch = start.epoch + total / perEpoch, batch = total % perEpoch
            // A context of its own, since the training thread computes at the same time.
            let indices = pass.indices(epoch) {
                order.indices(epoch: epoch, in: ComputeContext(threads: 1, instructionSet: set))
            }
            let first = batch * order.batch
            return Array(indices[first..<min(first + order.batch, indices.count)])
        }
    }

    /// The order of one pass, kept while it lasts.
    private final class Pass: @unchecked Sendable {
        private var kept: (epoch: Int, indices: [Int])?

        func indices(_ epoch: Int, make: () -> [Int]) -> [Int] {
            if let kept, kept.epoch == epoch { return kept.indices }
            let indices = make()
            kept = (epoch, indices)
            return indices
        }
    }
}
