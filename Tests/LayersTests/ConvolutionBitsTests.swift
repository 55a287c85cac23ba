import Autodiff
import Kernels
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

/// The same bits whatever the threads, the instruction set and the company of an image.
@Suite struct ConvolutionBitsTests {
    /// One that takes each way through the weight gradient, with tiles of every height.
    static let cases: [ConvolutionCase] = [
        .init(2, 5, 15, size: (6, 5), kernel: (3, 3), stride: (2, 1), padding: (1, 1), activation: .relu),
        .init(17, 1, 4, size: (5, 6), kernel: (3, 2), padding: (1, 1), activation: .sigmoid),
        .init(33, 6, 3, size: (4, 3), kernel: (2, 2), stride: (2, 2), transposed: true, activation: .tanh),
        .init(2, 16, 9, size: (15, 14), kernel: (4, 4), stride: (2, 2), padding: (1, 1), transposed: true),
        .init(2, 9, 10, size: (10, 9), kernel: (3, 3), padding: (1, 1), activation: .leakyReLU(slope: 0.1)),
    ]

    @Test(arguments: cases, InstructionSet.available)
    func threadsAndInstructionSets(_ item: ConvolutionCase, _ set: InstructionSet) {
        let expected = item.run(in: ComputeContext(threads: 1, instructionSet: InstructionSet.available[0]))
        for threads in [1, 2, 3] {
            let found = item.run(in: ComputeContext(threads: threads, instructionSet: set))
            #expect(found.y == expected.y && found.dx == expected.dx, "\(set), \(threads) threads")
            #expect(found.dw == expected.dw && found.db == expected.db, "\(set), \(threads) threads")
        }
    }

    /// Inputs beyond the second-level cache are cut into bands, and one block is shared by many threads.
    @Test func bandsAndThreads() {
        let item = ConvolutionCase(5, 24, 17, size: (40, 33), kernel: (3, 3), padding: (1, 1), activation: .relu)
        let expected = item.run(in: ComputeContext(threads: 1))
        for threads in [2, 3, 7] { #expect(item.run(in: ComputeContext(threads: threads)) == expected) }
        let one = ConvolutionCase(1, 6, 1, size: (3, 7), kernel: (3, 3), padding: (1, 1))
        #expect(one.run(in: ComputeContext(threads: 7)) == one.run(in: ComputeContext(threads: 1)))
    }

    /// An image's result does not depend on the others of its batch, nor on how many there are.
    @Test func companyDoesNotMatter() {
        let context = ComputeContext(threads: 2), stream = RandomStream(seed: 3)
        let layer = Convolution2D(
            "c", inputs: 3, outputs: 9, kernel: 3, stride: 2, padding: 1, activation: .tanh, from: stream, in: context)
        let images = RandomStream(seed: 4).normal([35, 3, 9, 10], in: context)
        func result(_ range: Range<Int>) -> [Float] {
            let values = Array(images.values[range.lowerBound * 270..<range.upperBound * 270])
            let tape = Tape(in: context, recording: false)
            return layer(tape.constant(Tensor(values, shape: [range.count, 3, 9, 10])).inBlocks()).rows().value.values
        }
        let whole = result(0..<35), size = whole.count / 35
        for range in [0..<1, 3..<19, 10..<27, 34..<35] {
            #expect(result(range) == Array(whole[range.lowerBound * size..<range.upperBound * size]))
        }
    }
}
