import CKernels
import Kernels
import TensorCore

/// What a kernel reached, and what would be possible.
struct KernelResult: Encodable {
    let kernel: String
    let shape: String
    let workingSet: Int
    let microseconds: Double
    /// Of all threads together.
    let gigaflops: Double
    let gigabytesPerSecond: Double
    /// GB/s of plain passes of the same kind over a working set of this size.
    let memoryLimit: Double
    let traffic: String
    /// "arithmetic" or "memory": whichever takes longer at its limit.
    let limit: String
    /// Of that limit.
    let percent: Double
    let precision: ProductPrecision

    enum CodingKeys: String, CodingKey {
        case kernel, shape, gigaflops, traffic, limit, percent, microseconds, precision
        case workingSet = "working_set_bytes"
        case gigabytesPerSecond = "gigabytes_per_second"
        case memoryLimit = "memory_limit_gigabytes_per_second"
    }

    /// - Parameters:
    ///   - seconds: of one call in every thread.
    ///   - peak: GFLOP/s of all threads.
    ///   - memory: GB/s of all threads.
    init(_ measured: KernelCase, seconds: Double, threads: Int, peak: Double, memory: Double) {
        let operations = measured.operations * Double(threads), bytes = Double(measured.bytes * threads)
        let arithmetic = operations / (peak * 1e9), moving = bytes / (memory * 1e9)
        (kernel, shape, workingSet) = (measured.kernel, measured.shape, measured.workingSet)
        precision = measured.precision
        microseconds = seconds * 1e6
        gigaflops = operations / seconds * 1e-9
        gigabytesPerSecond = bytes / seconds * 1e-9
        memoryLimit = memory
        traffic = measured.traffic.rawValue
        limit = arithmetic >= moving ? "arithmetic" : "memory"
        percent = 100 * max(arithmetic, moving) / seconds
    }
}

extension KernelCase {
    /// Seconds of one call in every thread at once.
    func seconds(for budget: Double, in context: ComputeContext) -> Double {
        let arenas = (0..<context.workers.count).map { Arena(thread: $0) }
        let calls = arenas.map { prepare(context.kernels, $0) }
        return withExtendedLifetime(arenas) {
            guard calls.allSatisfy({ $0.restore != nil }) else {
                return secondsOfOne(of: calls.map(\.run), in: context, for: budget)
            }
            let both = calls.map { call in
                {
                    call.restore?()
                    call.run()
                }
            }
            let restoring = calls.compactMap(\.restore)
            return secondsOfOne(of: both, in: context, for: budget)
                - secondsOfOne(of: restoring, in: context, for: budget / 2)
        }
    }
}
