import Glibc

/// What the threads of a loader share: the batches in work, in order.
final class LoadingQueue: @unchecked Sendable {
    private let items: [ImageCollection.Item]
    private let format: PictureFormat
    private let batches: @Sendable (Int) -> [Int]?
    private let threads: Int

    // Everything below only under the lock; the pixels of a batch in work belong to whoever has their slot.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let workMayBeThere = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let batchIsDone = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var inWork: [BatchInWork] = []
    private var batchesOpened = 0
    private var hasMoreBatches = true
    /// Whether a thread has left the lock to find out which pictures the next batch holds: for all pictures of a pass that
    /// can take a while, in which the others go on with what is there.
    private var isOpening = false
    private var isStopped = false

    init(
        _ items: [ImageCollection.Item], format: PictureFormat, threads: Int,
        batches: @escaping @Sendable (Int) -> [Int]?
    ) {
        self.items = items
        self.format = format
        self.threads = threads
        self.batches = batches
        pthread_mutex_init(lock, nil)
        pthread_cond_init(workMayBeThere, nil)
        pthread_cond_init(batchIsDone, nil)
    }

    deinit {
        pthread_cond_destroy(batchIsDone)
        pthread_cond_destroy(workMayBeThere)
        pthread_mutex_destroy(lock)
        batchIsDone.deallocate()
        workMayBeThere.deallocate()
        lock.deallocate()
    }

    /// Ends the threads after the pictures they are at.
    func stop() {
        pthread_mutex_lock(lock)
        isStopped = true
        pthread_cond_broadcast(workMayBeThere)
        pthread_mutex_unlock(lock)
    }

    /// Waits for the oldest batch and takes it; nil after the last.
    func next() -> PictureBatch? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            if let oldest = inWork.first, oldest.remaining == 0 {
                inWork.removeFirst()
                pthread_cond_broadcast(workMayBeThere)
                return oldest.finish()
            }
            if inWork.isEmpty && !hasMoreBatches { return nil }
            pthread_cond_wait(batchIsDone, lock)
        }
    }

    /// What a thread does: picture after picture, until it is stopped, nothing is left, or, if so asked, the oldest
    /// batch is done.
    func work(untilBatchIsDone: Bool) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while !isStopped {
            if untilBatchIsDone && inWork.first?.remaining == 0 { return }
            if let (batch, slot) = takeSlot() {
                pthread_mutex_unlock(lock)
                let result = load(batch.indices[slot], into: batch.pixels(of: slot))
                pthread_mutex_lock(lock)
                batch.close(slot, with: result)
                if batch.remaining == 0 { pthread_cond_broadcast(batchIsDone) }
            } else if hasMoreBatches {
                pthread_cond_wait(workMayBeThere, lock)
            } else {
                return
            }
        }
    }

    /// A picture that nobody has begun, from a batch in work or from a new one.
    private func takeSlot() -> (BatchInWork, slot: Int)? {
        for batch in inWork {
            if let slot = batch.takeSlot() { return (batch, slot) }
        }
        while hasMoreBatches && hasRoom && !isOpening && !isStopped {
            isOpening = true
            pthread_mutex_unlock(lock)
            let opened = batches(batchesOpened)
            pthread_mutex_lock(lock)
            isOpening = false
            guard let indices = opened else {
                hasMoreBatches = false
                // The consumer may wait for a batch that will not come, and threads for room in vain.
                pthread_cond_broadcast(batchIsDone)
                pthread_cond_broadcast(workMayBeThere)
                return nil
            }
            batchesOpened += 1
            let batch = BatchInWork(indices, format: format)
            inWork.append(batch)
            if let slot = batch.takeSlot() {
                pthread_cond_broadcast(workMayBeThere)
                return (batch, slot)
            }
            // A batch of nothing is done at once.
            pthread_cond_broadcast(batchIsDone)
            pthread_cond_broadcast(workMayBeThere)
        }
        return nil
    }

    /// One batch is being consumed while the next is filled; small ones need more, to keep every thread busy.
    private var hasRoom: Bool {
        inWork.count < 2 || inWork.reduce(0) { $0 + $1.indices.count } < 4 * threads
    }

    private func load(
        _ index: Int, into pixels: UnsafeMutableBufferPointer<UInt8>
    ) -> Result<Placement, PictureFailure> {
        do throws(ImageError) {
            return .success(try items[index].fit(into: format, pixels))
        } catch {
            return .failure(PictureFailure(index: index, name: items[index].name, error: error))
        }
    }
}

/// A batch whose pictures are being read. Its counts belong to whoever holds the queue's lock, the pixels of a slot to
/// the thread that took it.
final class BatchInWork {
    let indices: [Int]
    private let format: PictureFormat
    private let pixels: UnsafeMutableBufferPointer<UInt8>
    private var results: [Result<Placement, PictureFailure>?]
    private var slotsTaken = 0
    private(set) var remaining: Int

    init(_ indices: [Int], format: PictureFormat) {
        self.indices = indices
        self.format = format
        pixels = .allocate(capacity: indices.count * format.count)
        results = [Result<Placement, PictureFailure>?](repeating: nil, count: indices.count)
        remaining = indices.count
    }

    deinit { pixels.deallocate() }

    /// The next slot that nobody has begun.
    func takeSlot() -> Int? {
        guard slotsTaken < indices.count else { return nil }
        slotsTaken += 1
        return slotsTaken - 1
    }

    func pixels(of slot: Int) -> UnsafeMutableBufferPointer<UInt8> {
        UnsafeMutableBufferPointer(rebasing: pixels[slot * format.count..<(slot + 1) * format.count])
    }

    func close(_ slot: Int, with result: Result<Placement, PictureFailure>) {
        results[slot] = result
        remaining -= 1
    }

    /// The batch without what could not be read.
    func finish() -> PictureBatch {
        var found: [Int] = []
        var placements: [Placement] = []
        var failures: [PictureFailure] = []
        for (slot, result) in results.enumerated() {
            switch result {
            case .success(let placement):
                found.append(slot)
                placements.append(placement)
            case .failure(let failure): failures.append(failure)
            case nil: fatalError("a batch was taken before its picture \(slot) was done")
            }
        }
        let bytes = [UInt8](unsafeUninitializedCapacity: found.count * format.count) { buffer, initialized in
            for (position, slot) in found.enumerated() {
                let target = buffer[position * format.count..<(position + 1) * format.count]
                _ = UnsafeMutableBufferPointer(rebasing: target).initialize(fromContentsOf: pixels(of: slot))
            }
            initialized = found.count * format.count
        }
        return PictureBatch(
            format: format, indices: found.map { indices[$0] }, pixels: bytes, placements: placements,
            failures: failures)
    }
}
