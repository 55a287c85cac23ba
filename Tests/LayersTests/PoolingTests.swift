import Autodiff
import Kernels
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

@Suite struct PoolingTests {
    static let windows: [(size: (Int, Int), kernel: (Int, Int), stride: (Int, Int), padding: (Int, Int))] = [
        ((4, 6), (2, 2), (2, 2), (0, 0)), ((5, 4), (3, 3), (2, 2), (1, 1)), ((4, 7), (2, 3), (1, 2), (1, 0)),
        ((3, 5), (3, 2), (1, 3), (0, 1)), ((1, 1), (2, 2), (2, 2), (1, 1)),
    ]

    @Test(arguments: [2, 16, 17])
    func equalTheOracles(_ count: Int) {
        for (size, kernel, stride, padding) in Self.windows {
            func both(_ pair: (Int, Int)) -> Size2D { Size2D(height: pair.0, width: pair.1) }
            let x = LaneChecks.distinct([count, count == 2 ? 3 : 1, size.0, size.1], seed: 3)
            let name = "pooling of \(count) images \(size), kernel \(kernel), stride \(stride), padding \(padding)"
            LaneChecks.check(
                "max \(name)", x,
                oracle: { x, _ in Oracle.maxPool(x, kernel: kernel, stride: stride, padding: padding) },
                engine: { MaxPool2D(both(kernel), stride: both(stride), padding: both(padding))($0) })
            LaneChecks.check(
                "average \(name)", x,
                oracle: { x, _ in Oracle.averagePool(x, kernel: kernel, stride: stride, padding: padding) },
                engine: { AveragePool2D(both(kernel), stride: both(stride), padding: both(padding))($0) })
        }
    }

    /// Equal pixels: the gradient goes to the first one in rows from the top, once. A NaN is not hidden.
    @Test(arguments: InstructionSet.available) func tiesAndNaN(_ set: InstructionSet) {
        let tape = Tape(in: ComputeContext(threads: 1, instructionSet: set))
        func pooled(_ values: [Double]) -> (y: [Float], dx: [Float]) {
            let tape = Tape(in: tape.context)
            let x = tape.variable(LaneChecks.lanes(ArrayND(shape: [1, 1, 2, 4], values: values), beyond: 0))
            let y = MaxPool2D(2)(ImageBlocks(x, count: 1)).variable
            let dx = tape.backward(from: [(y, Tensor(repeating: 3, shape: y.shape))])[x]!
            return (LaneChecks.images(y.value, count: 1).inside, LaneChecks.images(dx, count: 1).inside)
        }
        let ties = pooled([1, 5, 2, 2, 5, 5, 2, 2])
        #expect(ties.y == [5, 2] && ties.dx == [0, 3, 3, 0, 0, 0, 0, 0])
        for position in 0..<2 {
            var values = [1.0, 1, 7, 7, 1, 1, 7, 7]
            values[position] = .nan
            #expect(pooled(values).y[0].isNaN && pooled(values).y[1] == 7)
        }
    }

    /// Where windows do not overlap and nothing is left over, means of means are the mean.
    @Test func averagesOfAverages() {
        let context = ComputeContext(threads: 2), tape = Tape(in: context, recording: false)
        let x = RandomStream(seed: 1).uniform([2, 3, 8, 12, 16], low: 0, high: 1, in: context)
        let twice = AveragePool2D(Size2D(height: 4, width: 3))(
            AveragePool2D(Size2D(height: 2, width: 4))(ImageBlocks(tape.constant(x), count: 32)))
        let once = AveragePool2D(Size2D(height: 8, width: 12))(ImageBlocks(tape.constant(x), count: 32))
        #expect(once.height == 1 && once.width == 1)
        expectValuesMatch(
            engine: twice.variable.value.values, oracle: once.variable.value.values.map(Double.init), "averages")
    }

    @Test(arguments: InstructionSet.available)
    func sameBits(_ set: InstructionSet) {
        func run(_ context: ComputeContext) -> [Tensor] {
            let tape = Tape(in: context)
            let x = tape.variable(RandomStream(seed: 3).normal([3, 5, 19, 17, 16], in: context))
            let network = Sequential(
                AveragePool2D(3, stride: 1, padding: 1), MaxPool2D(3, stride: 2, padding: 1))
            let y = network(ImageBlocks(x, count: 35), mode: .inference).variable
            let weights = RandomStream(seed: 9).normal(y.shape, in: context)
            return [y.value, tape.backward(from: [(y, weights)])[x]!]
        }
        let expected = run(ComputeContext(threads: 1, instructionSet: InstructionSet.available[0]))
        for threads in 1...3 { #expect(run(ComputeContext(threads: threads, instructionSet: set)) == expected) }
    }

    @Test func windowsThatDoNotFitStopTheProgram() async {
        let result1 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = MaxPool2D(2, padding: 2)
        }
        expectMessage("at most half a window", from: result1)
        let result2 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let tape = Tape(in: ComputeContext(threads: 1)), x = tape.constant(Tensor(zeros: [1, 2, 2, 4, 16]))
            _ = AveragePool2D(3)(ImageBlocks(x, count: 3))
        }
        expectMessage("smaller than a window", from: result2)
    }
}
