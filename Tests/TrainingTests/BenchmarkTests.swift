import TensorCore
import Testing
import Training

@Suite struct BenchmarkTests {
    @Test func stepsGetSmallerOnSlowMachines() {
        // Two seconds for a step, at three quarters of 3 GFLOP/s.
        let budget = BenchmarkBudget(seconds: 8, peak: 3)
        func chosen(_ sizes: [Int]) -> Int { budget.fitting(sizes) { Double($0) * 1e9 } }
        #expect(chosen([4, 2, 1]) == 4)
        #expect(chosen([40, 20, 5, 4, 1]) == 4)
        #expect(chosen([40, 20]) == 20)
    }

    @Test func sharesFollowFromRates() {
        let row = BenchmarkRow(
            task: "sampling", model: "m", shape: "1 stream", unitsPerSecond: 2_000, operationsPerUnit: 3e6,
            reading: .init(bytesPerUnit: 5e6, peak: 40))
        #expect(row.gigaflops == 6)
        #expect(row.readRate == 10)
        #expect(row.shareOfReading == 0.25)
    }

    private struct Work: BenchmarkWork {
        let name: String
        func measure(_ budget: BenchmarkBudget, in context: ComputeContext) -> BenchmarkRow {
            BenchmarkRow(
                task: "t", model: name, shape: "", unitsPerSecond: budget.seconds, operationsPerUnit: budget.peak)
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
        #expect(measured.peak >= measured.rows[0].operationsPerUnit)
    }
}
