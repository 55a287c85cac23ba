import Synchronization

/// Keeps the buffers of tensors that have died and hands them out again by size, so that a training step
/// allocates nothing once every shape has been seen.
public final class Workspace: Sendable {
    private struct Idle {
        var buffers: [Int: [UInt]] = [:]
        var bytes = 0
        var misses = 0

        /// Which of the waiting buffers' capacities to take from; nil if none is fit.
        func size(for capacity: Int) -> Int? {
            if buffers[capacity]?.isEmpty == false { return capacity }
            return buffers.lazy.filter { $0.key > capacity && $0.key / 8 <= capacity && !$0.value.isEmpty }
                .map(\.key).min()
        }
    }
    private let idle = Mutex(Idle())

    public init() {}

    deinit { releaseAll() }

    /// Bytes waiting to be used again.
    public var idleBytes: Int { idle.withLock { $0.bytes } }

    /// How often none was fit and a new one was made: in a steady state this stands still.
    package var misses: Int { idle.withLock { $0.misses } }

    /// Returns idle buffers to the system: after a phase with other shapes, for instance.
    public func releaseAll() {
        idle.withLock { idle in
            for (capacity, buffers) in idle.buffers {
                for case let pointer? in buffers.map({ UnsafeMutablePointer<Float>(bitPattern: $0) }) {
                    TensorStorage.deallocate(pointer, capacity: capacity)
                }
            }
            idle = Idle(misses: idle.misses)
        }
    }

    /// A buffer of this capacity or, rather than a new one, the smallest of those that are larger, up to eight times: the
    /// last window of an epoch finds room in what longer ones have left.
    func take(capacity: Int) -> (pointer: UnsafeMutablePointer<Float>, capacity: Int)? {
        idle.withLock { idle in
            guard let size = idle.size(for: capacity), let address = idle.buffers[size]?.popLast() else {
                idle.misses += 1
                return nil
            }
            idle.bytes -= size * MemoryLayout<Float>.stride
            return UnsafeMutablePointer(bitPattern: address).map { ($0, size) }
        }
    }

    func recycle(_ pointer: UnsafeMutablePointer<Float>, capacity: Int) {
        idle.withLock { idle in
            idle.buffers[capacity, default: []].append(UInt(bitPattern: pointer))
            idle.bytes += capacity * MemoryLayout<Float>.stride
        }
    }
}
