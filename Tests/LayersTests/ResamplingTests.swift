import Autodiff
import Kernels
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

@Suite struct ResamplingTests {
    static let sizes: [(from: (Int, Int), to: (Int, Int))] = [
        ((3, 2), (6, 4)), ((4, 3), (7, 5)), ((4, 5), (3, 11)), ((1, 1), (2, 3)), ((5, 3), (1, 2)), ((3, 4), (3, 4)),
    ]

    @Test(arguments: [2, 16, 17])
    func equalTheOracles(_ count: Int) {
        for (from, to) in Self.sizes {
            let x = LaneChecks.samples([count, count == 2 ? 3 : 1, from.0, from.1], seed: 3)
            LaneChecks.check(
                "nearest, \(from) to \(to)", x, oracle: { x, _ in Oracle.nearest(x, height: to.0, width: to.1) },
                engine: { NearestUpsample2D(height: to.0, width: to.1)($0) })
            LaneChecks.check(
                "bilinear, \(from) to \(to)", x, oracle: { x, _ in Oracle.bilinear(x, height: to.0, width: to.1) },
                engine: { BilinearUpsample2D(height: to.0, width: to.1)($0) })
        }
    }

    @Test func factors() {
        let x = LaneChecks.samples([2, 3, 2, 3], seed: 3)
        LaneChecks.check(
            "nearest, three times", x, oracle: { x, _ in Oracle.nearest(x, height: 6, width: 9) },
            engine: { NearestUpsample2D(factor: 3)($0) })
        LaneChecks.check(
            "bilinear, twice", x, oracle: { x, _ in Oracle.bilinear(x, height: 4, width: 6) },
            engine: { BilinearUpsample2D(factor: 2)($0) })
    }

    @Test(arguments: InstructionSet.available)
    func sameBits(_ set: InstructionSet) {
        func run(_ context: ComputeContext) -> [Tensor] {
            let tape = Tape(in: context)
            let x = tape.variable(RandomStream(seed: 3).normal([3, 5, 9, 7, 16], in: context))
            let network = Sequential(NearestUpsample2D(factor: 2), BilinearUpsample2D(height: 23, width: 11))
            let y = network(ImageBlocks(x, count: 35), mode: .inference).variable
            let weights = RandomStream(seed: 9).normal(y.shape, in: context)
            return [y.value, tape.backward(from: [(y, weights)])[x]!]
        }
        let expected = run(ComputeContext(threads: 1, instructionSet: InstructionSet.available[0]))
        for threads in 1...3 { #expect(run(ComputeContext(threads: threads, instructionSet: set)) == expected) }
    }

    @Test func nothingCannotBeResampled() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let tape = Tape(in: ComputeContext(threads: 1)), x = tape.constant(Tensor(zeros: [1, 2, 0, 2, 16]))
            _ = BilinearUpsample2D(height: 3, width: 4)(ImageBlocks(x, count: 3))
        }
        expectMessage("without a channel or a pixel", from: result)
    }
}
