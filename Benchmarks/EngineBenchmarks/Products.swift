import Kernels
import TensorCore

/// Products M x N x K with row-major operands, packing inside the time, as a share of the peak measured just before.
func benchmarkProducts(_ context: ComputeContext) {
    let shapes = [(2500, 512, 128), (4096, 2048, 512)]
    for (m, n, k) in shapes {
        for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
            let a = RandomStream(seed: 1).normal(transposeA ? [k, m] : [m, k], in: context)
            let b = RandomStream(seed: 2).normal(transposeB ? [n, k] : [k, n], in: context)
            let peak = peakGigaflops(context)
            let seconds = medianSeconds {
                _ = MatrixProduct.multiply(a, transposeA: transposeA, b, transposeB: transposeB, in: context)
            }
            report(
                "product \(m)x\(n)x\(k) \(transposeA ? "T" : "N")\(transposeB ? "T" : "N")", 2 * m * n * k, seconds,
                peak, context)
        }
    }
    let (m, n, k) = (64, 2048, 512)
    let a = RandomStream(seed: 1).normal([m, k], in: context)
    let b = PackedMatrix(RandomStream(seed: 2).normal([k, n], in: context), in: context)
    let peak = peakGigaflops(context)
    let seconds = medianSeconds(repetitions: 51) { _ = MatrixProduct.multiply(a, b, in: context) }
    report("product \(m)x\(n)x\(k) packed", 2 * m * n * k, seconds, peak, context)
}

/// One measurement of work whose operations are known.
struct WorkRate: Encodable {
    let work: String
    let instructionSet: String
    let threads: Int
    let microseconds, gigaflops, peakGigaflops, shareOfPeak: Double
}

func report(_ name: String, _ operations: Int, _ seconds: Double, _ peak: Double, _ context: ComputeContext) {
    let rate = Double(operations) / seconds * 1e-9
    printLine(
        WorkRate(
            work: name, instructionSet: context.instructionSet.rawValue, threads: context.workers.count,
            microseconds: seconds * 1e6, gigaflops: rate, peakGigaflops: peak, shareOfPeak: rate / peak))
}
