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
