import Synchronization

/// Keeps the buffers of tensors that have died and hands them out again by size, so that a training step
/// allocates nothing once every shape has been seen.
public final class Workspace: Sendable {
    private struct Idle {
        var buffers: [Int: [UInt]] = [:]
        var bytes = 0
        var misses = 0
    }
    private let idle = Mutex(Idle())

    public init() {}

    deinit { releaseAll() }

    /// Bytes waiting to be used again.
    public var idleBytes: Int { idle.withLock { $0.bytes } }

    /// How often no buffer of the size was waiting: in a steady state this stands still.
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

    func take(capacity: Int) -> UnsafeMutablePointer<Float>? {
        idle.withLock { idle in
            guard let address = idle.buffers[capacity]?.popLast() else {
                idle.misses += 1
                return nil
            }
            idle.bytes -= capacity * MemoryLayout<Float>.stride
            return UnsafeMutablePointer(bitPattern: address)
        }
    }

    func recycle(_ pointer: UnsafeMutablePointer<Float>, capacity: Int) {
        idle.withLock { idle in
            idle.buffers[capacity, default: []].append(UInt(bitPattern: pointer))
            idle.bytes += capacity * MemoryLayout<Float>.stride
        }
    }
}
