import Glibc

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
