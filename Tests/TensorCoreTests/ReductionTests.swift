import CKernels
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct ReductionTests {
    static let shapes: [Shape] = [[7], [3, 5], [2, 3, 4], [130, 257], [3, 50, 129], [4097], [1, 70_001]]

    @Test(arguments: shapes)
    func sums(_ shape: Shape) {
        let one = ComputeContext(threads: 1), x = RandomStream(seed: 4).uniform(shape, low: -1, high: 2, in: one)
        let wide = ArrayND(shape: shape.dimensions, floats: x.values)
        expectValuesMatch(engine: [one.sum(x)], oracle: [wide.values.reduce(0, +)], "sum")
        for threads in 1...3 { #expect(ComputeContext(threads: threads).sum(x).bitPattern == one.sum(x).bitPattern) }
        for axis in 0..<shape.rank {
            let result = one.sum(x, axis: axis), d = shape.dimensions
            let inner = d[(axis + 1)...].reduce(1, *), length = d[axis]
            var expected = [Double](repeating: 0, count: x.count / length)
            for (i, value) in wide.values.enumerated() { expected[i / (length * inner) * inner + i % inner] += value }
            #expect(result.shape.dimensions == Array(d[..<axis] + d[(axis + 1)...]))
            expectValuesMatch(engine: result.values, oracle: expected, "axis \(axis)", tolerance: 2e-6)
            #expect(one.sum(x, axis: axis - shape.rank) == result)
            for threads in 2...3 { #expect(ComputeContext(threads: threads).sum(x, axis: axis) == result) }
        }
    }

    @Test func elementwiseOnAnyThreads() {
        let one = ComputeContext(threads: 1), x = RandomStream(seed: 4).normal([333, 101], in: one)
        let y = one.map(x, one.kernels.tanh), z = one.map(x, y, one.kernels.divide),
            w = one.affine(x, scale: 2, shift: -1)
        #expect(zip(x.values, w.values).allSatisfy { 2 * $0 - 1 == $1 })
        for threads in 2...3 {
            let context = ComputeContext(threads: threads)
            #expect(context.map(x, context.kernels.tanh) == y && context.map(x, y, context.kernels.divide) == z)
        }
    }
}
