import CKernels
import Kernels
import Testing

@Suite struct MeasuringTests {
    @Test func findsTheProcessorsName() {
        let x86 =
            "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel\t\t: 2\nmodel name\t: AMD EPYC  9B45 \nflags\t\t: fpu"
        #expect(ProcessorName.name(in: x86) == "AMD EPYC 9B45")
        let board =
            "processor\t: 0\nCPU part\t: 0xd08\n\nRevision\t: c03111\nModel\t\t: Raspberry Pi 4 Model B Rev 1.1\n"
        #expect(ProcessorName.name(in: board) == "Raspberry Pi 4 Model B Rev 1.1")
        #expect(ProcessorName.name(in: "processor\t: 0\nmodel name\t: \nCPU part\t: 0xd08\n") == nil)
        #expect(ProcessorName.name(in: "") == nil)
    }

    @Test func timesAtLeastOneCallAfterAWarmUp() {
        var calls = 0
        let timing = RepeatedTiming(for: 0) { calls += 1 }
        #expect(timing.calls == 1 && calls == 2)
        #expect(timing.least <= timing.median)
    }

    /// The first there is, but for the one instruction that may be slower than the two that stand for it.
    @Test func theFastestIsOneOfThoseThatThereAre() {
        let available = InstructionSet.available, fastest = InstructionSet.fastest
        #expect(fastest == available[0] || (available[0] == .avx512bf16 && fastest == .avx512vnni))
    }

    /// A pass over memory that did less than it says would make the machine look better than it is.
    @Test(arguments: InstructionSet.available) func passesOverMemoryTouchEveryElement(_ set: InstructionSet) throws {
        let kernels = try #require(set.kernels), n = 640
        let x = UnsafeMutablePointer<Float>.allocate(capacity: n + 1)
        let y = UnsafeMutablePointer<Float>.allocate(capacity: n + 1)
        defer {
            x.deallocate()
            y.deallocate()
        }
        for i in 0...n { (x[i], y[i]) = (Float(i), 7) }
        #expect(kernels.read_memory(x, n) == Float(n * (n - 1) / 2))
        kernels.fill_memory(y, n)
        #expect((0..<n).allSatisfy { y[$0] == 1 } && y[n] == 7)
        kernels.copy_memory(x, y, n)
        #expect((0..<n).allSatisfy { y[$0] == Float($0) } && y[n] == 7)
        kernels.update_memory(y, n)
        #expect((0..<n).allSatisfy { y[$0] == 1 - Float($0) } && y[n] == 7)
        kernels.triad_memory(x, x, y, n)
        #expect((0..<n).allSatisfy { y[$0] == 4 * Float($0) } && y[n] == 7)
    }

    @Test(arguments: [1, 3]) func limitsAreMeasured(threads: Int) throws {
        let workers = Workers(count: threads), kernels = try #require(InstructionSet.available[0].kernels)
        #expect(workers.multiplyAddPeak(kernels, seconds: 0.01) > 0)
        for bytes in [1, 16_384, 1_000_000] { #expect(workers.readRate(kernels, bytes: bytes, seconds: 0.01) > 0) }
    }
}
