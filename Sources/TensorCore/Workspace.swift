import Synchronization

/// Keeps the buffers of tensors that have died and hands them out again by size, so that a training step
/// allocates nothing once every shape has been seen.
///
/// What waits is bounded: by twice the most that was ever in use at once, and 64 MB. Beyond that the sizes that have not
/// been asked for longest go back to the system.
package final class Workspace: Sendable {
    /// The buffers of one capacity that wait.
    private struct Bucket {
        var addresses: [UInt] = []
        /// When one was last handed out or given back.
        var lastUse = 0
    }

    private struct Idle {
        var buckets: [Int: Bucket] = [:]
        var uses = 0
        var bytes = 0
        var misses = 0
        var bytesInUse = 0
        var mostBytesInUse = 0

        /// Which of the waiting buffers' capacities to take from; nil if none is fit.
        func size(for capacity: Int, atMost largest: Int) -> Int? {
            if buckets[capacity]?.addresses.isEmpty == false { return capacity }
            return buckets.lazy.filter { $0.key > capacity && $0.key <= largest && !$0.value.addresses.isEmpty }
                .map(\.key).min()
        }

        mutating func markUsed(_ bytes: Int) {
            bytesInUse += bytes
            mostBytesInUse = max(mostBytesInUse, bytesInUse)
        }

        /// Gives back what has waited longest while more waits than may.
        mutating func trim() {
            while bytes > 2 * mostBytesInUse + Workspace.allowance,
                let capacity = buckets.lazy.filter({ !$0.value.addresses.isEmpty }).min(by: {
                    $0.value.lastUse < $1.value.lastUse
                })?.key, let address = buckets[capacity]?.addresses.popLast()
            {
                bytes -= capacity * MemoryLayout<Float>.stride
                if buckets[capacity]?.addresses.isEmpty == true { buckets[capacity] = nil }
                Workspace.deallocate(address, capacity: capacity)
            }
        }
    }
    private let idle = Mutex(Idle())
    private static let allowance = 64 << 20

    package init() {}

    deinit { releaseAll() }

    /// Bytes waiting to be used again.
    package var idleBytes: Int { idle.withLock { $0.bytes } }

    /// How often none was fit and a new one was made: in a steady state this stands still.
    package var misses: Int { idle.withLock { $0.misses } }

    /// Returns idle buffers to the system: after a phase with other shapes, for instance.
    package func releaseAll() {
        idle.withLock { idle in
            for (capacity, bucket) in idle.buckets {
                for address in bucket.addresses { Self.deallocate(address, capacity: capacity) }
            }
            idle.buckets = [:]
            idle.bytes = 0
            idle.mostBytesInUse = idle.bytesInUse
        }
    }

    /// A buffer of this capacity or, rather than a new one, the smallest of those that are larger, up to eight times: the
    /// last window of an epoch finds room in what longer ones have left.
    /// - Parameter isKept: whether it will be held for long, as packed weights are; then it is at most an eighth larger.
    func take(capacity: Int, isKept: Bool) -> (pointer: UnsafeMutablePointer<Float>, capacity: Int)? {
        idle.withLock { idle in
            idle.uses += 1
            let largest = isKept ? capacity + capacity / 8 : 8 * capacity
            guard let size = idle.size(for: capacity, atMost: largest),
                let address = idle.buckets[size]?.addresses.popLast()
            else {
                idle.misses += 1
                idle.markUsed(capacity * MemoryLayout<Float>.stride)
                return nil
            }
            idle.buckets[size]?.lastUse = idle.uses
            idle.bytes -= size * MemoryLayout<Float>.stride
            idle.markUsed(size * MemoryLayout<Float>.stride)
            return UnsafeMutablePointer(bitPattern: address).map { ($0, size) }
        }
    }

    func recycle(_ pointer: UnsafeMutablePointer<Float>, capacity: Int) {
        idle.withLock { idle in
            idle.uses += 1
            idle.buckets[capacity, default: Bucket()].addresses.append(UInt(bitPattern: pointer))
            idle.buckets[capacity]?.lastUse = idle.uses
            idle.bytes += capacity * MemoryLayout<Float>.stride
            idle.bytesInUse -= capacity * MemoryLayout<Float>.stride
            idle.trim()
        }
    }

    private static func deallocate(_ address: UInt, capacity: Int) {
        guard let pointer = UnsafeMutablePointer<Float>(bitPattern: address) else { return }
        TensorStorage.deallocate(pointer, capacity: capacity)
    }
}
