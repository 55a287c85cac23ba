import Kernels

/// Pictures that are read from their files each time, ahead of the consumer, in constant memory.
package struct StreamedPictures: PictureSource {
    package let collection: ImageCollection
    package let format: PictureFormat
    package var failures: [PictureFailure] { [] }
    private let threads: Int
    private let isStrict: Bool

    package init(_ collection: ImageCollection, format: PictureFormat, options: LoadingOptions = LoadingOptions()) {
        self.collection = collection
        self.format = format
        threads = max(1, options.threads ?? ProcessorCount.physicalAndAllowed)
        isStrict = options.isStrict
    }

    package func batch(_ indices: [Int]) throws(ImageError) -> PictureBatch {
        let stream = stream { number in number == 0 ? indices : nil }
        guard let batch = try stream.next() else { fatalError("a stream of one batch ended before it") }
        return batch
    }

    package func stream(_ batches: @escaping @Sendable (Int) -> [Int]?) -> PictureStream {
        let team = PictureLoader(collection.items, format: format, threads: threads, batches: batches)
        return PictureStream { [isStrict] () throws(ImageError) in
            guard let batch = team.next() else { return nil }
            if isStrict, let failure = batch.failures.first { throw failure.error }
            return batch
        }
    }
}
