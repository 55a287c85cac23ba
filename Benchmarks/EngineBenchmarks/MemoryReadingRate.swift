import Kernels
import TensorCore

/// `read`: how fast a buffer of so many bytes is read.
struct MemoryReadingRate: Encodable {
    let benchmark = "read"
    let bytes: Int
    let threads: Int
    let bytesPerSecond: Double

    init(bytes: Int, in context: ComputeContext) {
        self.bytes = bytes
        threads = context.workers.count
        bytesPerSecond = context.workers.readRate(context.kernels, bytes: bytes) * 1e9
    }
}
