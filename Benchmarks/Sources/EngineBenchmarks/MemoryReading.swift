import CMemoryReading
import TensorCore

/// A buffer that all threads of a team read again and again, each its own part.
struct MemoryReading: ~Copyable {
    private let memory: UnsafeMutableRawPointer
    private let bytes: Int
    private let context: ComputeContext

    /// Of at least so many bytes.
    init(bytes: Int, in context: ComputeContext) {
        let unit = 1024 * context.workers.count
        self.bytes = (bytes + unit - 1) / unit * unit
        self.context = context
        memory = .allocate(byteCount: self.bytes, alignment: 4096)
        memory.initializeMemory(as: UInt8.self, repeating: 1, count: self.bytes)
    }

    deinit { memory.deallocate() }

    /// Bytes a second: the median of some 40 measurements of about 4 ms each.
    func bytesPerSecond() -> Double {
        let share = bytes / context.workers.count, start = memory
        let passes = max(1, 400_000_000 / bytes)
        let seconds = medianSeconds(repetitions: 41) {
            context.workers.run { thread in
                var seen: UInt64 = 0
                for _ in 0..<passes { seen ^= read_memory(start + thread * share, UInt(share)) }
                // Every word is the same and they are even in number: nothing else than 0 can come out.
                precondition(seen == 0, "memory has changed")
            }
        }
        return Double(passes * bytes) / seconds
    }
}

/// `read`: how fast a buffer of so many bytes is read.
struct MemoryReadingRate: Encodable {
    let benchmark = "read"
    let bytes: Int
    let threads: Int
    let bytesPerSecond: Double

    init(bytes: Int, in context: ComputeContext) {
        self.bytes = bytes
        threads = context.workers.count
        bytesPerSecond = MemoryReading(bytes: bytes, in: context).bytesPerSecond()
    }
}
