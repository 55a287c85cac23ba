import CKernels
import Kernels
import TensorCore

/// GB/s of plain passes over so many bytes in each thread, all threads together; measured when first asked for.
final class MemoryLimits {
    private let context: ComputeContext
    private var measured: [Key: Double] = [:]

    private struct Key: Hashable {
        let traffic: KernelCase.Traffic
        let bytes: Int
    }

    init(in context: ComputeContext) { self.context = context }

    func rate(_ traffic: KernelCase.Traffic, bytes: Int) -> Double {
        let key = Key(traffic: traffic, bytes: bytes)
        if let rate = measured[key] { return rate }
        let rate = measure(traffic, bytes: bytes)
        measured[key] = rate
        return rate
    }

    private func measure(_ traffic: KernelCase.Traffic, bytes: Int) -> Double {
        let buffers =
            switch traffic {
            case .read, .write, .update: 1
            case .copy: 2
            case .triad: 3
            }
        let count = max(128, bytes / 4 / buffers / 128 * 128), kernels = context.kernels
        let arenas = (0..<context.workers.count).map { Arena(thread: $0) }
        let calls = arenas.map { arena -> () -> Void in
            let parts = (0..<buffers).map { _ in arena.floats(count) }
            switch traffic {
            case .read: return { _ = kernels.read_memory(parts[0], count) }
            case .write: return { kernels.fill_memory(parts[0], count) }
            case .update: return { kernels.update_memory(parts[0], count) }
            case .copy: return { kernels.copy_memory(parts[0], parts[1], count) }
            case .triad: return { kernels.triad_memory(parts[0], parts[1], parts[2], count) }
            }
        }
        let seconds = withExtendedLifetime(arenas) { secondsOfOne(of: calls, in: context, for: 0.05) }
        let moved = traffic == .update ? 2 * count : buffers * count
        return Double(4 * moved * calls.count) / seconds * 1e-9
    }
}

/// Seconds of a call while every thread makes its own, over and over: the best of slices of a millisecond and more, since
/// whatever disturbs a slice makes it slower.
func secondsOfOne(of calls: [() -> Void], in context: ComputeContext, for seconds: Double) -> Double {
    let workers = context.workers
    func slice(_ repetitions: Int) {
        workers.run { thread in
            let call = calls[thread]
            for _ in 0..<repetitions { call() }
        }
    }
    var repetitions = 1
    while ContinuousClock().measure({ slice(repetitions) }).seconds < 0.001 { repetitions *= 2 }
    return RepeatedTiming(for: seconds) { slice(repetitions) }.least / Double(repetitions)
}
