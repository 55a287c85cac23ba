import Kernels

/// Pictures that are read from their files each time, ahead of the consumer, in constant memory.
public struct StreamedPictures: PictureSource {
    public let collection: ImageCollection
    public let format: PictureFormat
    public var failures: [PictureFailure] { [] }
    private let threads: Int
    private let isStrict: Bool

    public init(_ collection: ImageCollection, format: PictureFormat, options: LoadingOptions = LoadingOptions()) {
        self.collection = collection
        self.format = format
        threads = max(1, options.threads ?? ProcessorCount.physicalAndAllowed)
        isStrict = options.isStrict
    }

    public func batch(_ indices: [Int]) throws(ImageError) -> PictureBatch {
        let stream = stream { number in number == 0 ? indices : nil }
        guard let batch = try stream.next() else { fatalError("a stream of one batch ended before it") }
        return batch
    }

    public func stream(_ batches: @escaping @Sendable (Int) -> [Int]?) -> PictureStream {
        let team = PictureLoader(collection.items, format: format, threads: threads, batches: batches)
        return PictureStream { [isStrict] () throws(ImageError) in
            guard let batch = team.next() else { return nil }
            if isStrict, let failure = batch.failures.first { throw failure.error }
            return batch
        }
    }
}
