import TensorCore
import Testing
import Training

@Suite struct BenchmarkTests {
    @Test func stepsGetSmallerOnSlowMachines() {
        // Two seconds for a step, at three quarters of 3 GFLOP/s.
        let budget = BenchmarkBudget(seconds: 8, peaks: Peaks(single: 3, half: 6))
        func chosen(_ sizes: [Int]) -> Int { budget.fitting(sizes) { Double($0) * 1e9 } }
        #expect(chosen([4, 2, 1]) == 4)
        #expect(chosen([40, 20, 5, 4, 1]) == 4)
        #expect(chosen([40, 20]) == 20)
        #expect(budget.fitting([8, 4, 2], in: .bf16) { Double($0) * 1e9 } == 8)
    }

    @Test func sharesFollowFromRates() {
        let row = BenchmarkRow(
            task: "sampling", model: "m", shape: "1 stream", unitsPerSecond: 2_000, operationsPerUnit: 3e6,
            reading: .init(bytesPerUnit: 5e6, peak: 40))
        #expect(row.gigaflops == 6)
        #expect(row.readRate == 10)
        #expect(row.shareOfReading == 0.25)
    }

    private struct Both: BenchmarkWork {
        let precision: BenchmarkRow.Precision
        var name: String { precision.rawValue }
        func measure(_ budget: BenchmarkBudget, in context: ComputeContext) -> BenchmarkRow {
            BenchmarkRow(
                task: "t", model: "m", precision: precision, shape: "s", unitsPerSecond: precision == .single ? 10 : 15,
                operationsPerUnit: 1e9)
        }
    }

    @Test func halfPrecisionIsComparedWithSingle() {
        let measured = MachineBenchmark.run(
            [Both(precision: .single), Both(precision: .bf16)], seconds: 0.2, in: ComputeContext(threads: 1))
        #expect(measured.gain(of: measured.rows[0]) == nil && measured.gain(of: measured.rows[1]) == 1.5)
        #expect(measured.shareOfPeak(measured.rows[0]) == measured.rows[0].gigaflops / measured.peaks.single)
        #expect(
            measured.shareOfPeak(measured.rows[1])
                == measured.rows[1].gigaflops / measured.peaks.half)
    }

    private struct Work: BenchmarkWork {
        let name: String
        func measure(_ budget: BenchmarkBudget, in context: ComputeContext) -> BenchmarkRow {
            BenchmarkRow(
                task: "t", model: name, shape: "", unitsPerSecond: budget.seconds,
                operationsPerUnit: budget.peaks.single)
        }
    }

    @Test func everyWorkIsMeasuredInOrderBetweenTwoPeaks() {
        let context = ComputeContext(threads: 2)
        var told: [String] = []
        let measured = MachineBenchmark.run([Work(name: "a"), Work(name: "b")], seconds: 0.4, in: context) {
            told.append($0)
        }
        #expect(told == ["measuring the peak", "a", "b", "measuring the peak"])
        #expect(measured.rows.map(\.model) == ["a", "b"] && measured.threads == 2)
        #expect(measured.instructionSet == context.instructionSet)
        // The peak before is what the works are told; the larger of both counts.
        #expect(measured.peaks.single >= measured.rows[0].operationsPerUnit && measured.peaks.half > 0)
    }
}
