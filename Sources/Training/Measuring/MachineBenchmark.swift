package import Kernels
package import TensorCore

/// What a machine reaches, as a share of its own peak.
package struct MachineBenchmark: Sendable {
    /// As the system names it; nil if it does not.
    package let processor: String?
    package let threads: Int
    package let instructionSet: InstructionSet
    /// GFLOP/s of the multiply-add units of these threads: measured before the work and after it, the larger of the two.
    package let peaks: Peaks
    package let rows: [BenchmarkRow]

    /// - Parameters:
    ///   - seconds: in all; a row on a very slow machine may take longer.
    ///   - onProgress: told what comes next.
    package static func run(
        _ works: [any BenchmarkWork], seconds: Double, in context: ComputeContext,
        onProgress: (String) -> Void = { _ in }
    ) -> MachineBenchmark {
        let clock = ContinuousClock(), start = clock.now, forPeak = min(0.3, max(0.05, seconds / 20))
        var peaks = Peaks(single: 0, half: 0)
        func measurePeaks() {
            onProgress("measuring the peak")
            func peak(_ precision: ProductPrecision) -> Double {
                context.workers.multiplyAddPeak(context.kernels, in: precision, seconds: forPeak / 2)
            }
            peaks.single = max(peaks.single, peak(.single))
            peaks.half = max(peaks.half, peak(.bfloat16))
        }
        measurePeaks()
        var rows: [BenchmarkRow] = []
        for (index, work) in works.enumerated() {
            onProgress(work.name)
            // What one row leaves over, or takes too much, is shared among the others.
            let left = seconds - forPeak - (clock.now - start).seconds
            let budget = BenchmarkBudget(seconds: max(0, left) / Double(works.count - index), peaks: peaks)
            rows.append(work.measure(budget, in: context))
        }
        measurePeaks()
        return MachineBenchmark(
            processor: ProcessorName.current, threads: context.workers.count, instructionSet: context.instructionSet,
            peaks: peaks, rows: rows)
    }

    /// Useful operations of a row as a share of the peak of its precision, 0...1.
    package func shareOfPeak(_ row: BenchmarkRow) -> Double { row.gigaflops / peaks[row.precision] }

    /// For a row in less than single precision: how many times as fast it went as the same work in single precision.
    package func gain(of row: BenchmarkRow) -> Double? {
        guard row.precision != .single else { return nil }
        let single = rows.first {
            $0.precision == .single && ($0.task, $0.model) == (row.task, row.model)
        }
        return single.map { row.unitsPerSecond / $0.unitsPerSecond }
    }
}
