import Glibc
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

/// Threads that read, decode and fit pictures ahead of one consumer.
///
/// A few batches are in work at a time, so memory stays constant; within them each thread takes the next picture,
/// whatever batch it belongs to. A picture has its slot from the start, so the batches do not depend on which thread was
/// quicker. When the loader is released its threads finish the picture they are at and end.
final class PictureLoader {
    private let queue: LoadingQueue
    private var threads: [pthread_t] = []

    init(
        _ items: [ImageCollection.Item], format: PictureFormat, threads count: Int,
        batches: @escaping @Sendable (Int) -> [Int]?
    ) {
        queue = LoadingQueue(items, format: format, threads: count, batches: batches)
        for _ in 0..<count {
            let argument = Unmanaged.passRetained(queue)
            var thread = pthread_t()
            if pthread_create(&thread, nil, loaderMain, argument.toOpaque()) == 0 {
                threads.append(thread)
            } else {
                argument.release()
            }
        }
    }

    deinit {
        queue.stop()
        for thread in threads { pthread_join(thread, nil) }
    }

    /// The next batch, or nil after the last.
    func next() -> PictureBatch? {
        // A system that grants no threads gets its pictures all the same, only not ahead.
        if threads.isEmpty { queue.work(untilBatchIsDone: true) }
        return queue.next()
    }
}

private func loaderMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<LoadingQueue>.fromOpaque(argument).takeRetainedValue().work(untilBatchIsDone: false)
    return nil
}
