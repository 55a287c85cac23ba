import Autodiff
import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

/// Convolutions and their transposes against a naive one in Double.
@Suite struct ConvolutionTests {
    /// Every way a window can lie on an image, channel counts around the tiles, batches around the lanes.
    static let convolutions: [ConvolutionCase] = [
        .init(2, 1, 3, size: (5, 4), kernel: (3, 3), padding: (1, 1)),
        .init(16, 3, 5, size: (7, 9), kernel: (3, 2), stride: (2, 1), padding: (1, 0)),
        .init(17, 5, 7, size: (6, 6), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
        .init(35, 7, 14, size: (9, 8), kernel: (5, 5), padding: (2, 2)),
        .init(3, 5, 7, size: (1, 1), kernel: (3, 3), padding: (1, 1)),
        .init(2, 3, 20, size: (1, 1), kernel: (1, 1)),
        .init(16, 14, 1, size: (3, 4), kernel: (1, 1), stride: (2, 2)),
        .init(2, 3, 5, size: (11, 10), kernel: (3, 2), padding: (2, 2), dilation: (2, 2)),
        .init(5, 2, 6, size: (12, 13), kernel: (2, 3), stride: (3, 2), padding: (0, 3), dilation: (3, 2)),
        .init(2, 3, 4, size: (10, 11), kernel: (2, 2), stride: (3, 3)),
        .init(2, 3, 4, size: (4, 5), kernel: (2, 2), stride: (1, 2), padding: (3, 4)),
        .init(17, 16, 1, size: (20, 21), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
        .init(20, 33, 18, size: (6, 7), kernel: (3, 3), padding: (1, 1)),
    ]

    /// Planes and channels enough for every order and grouping of the weight gradient.
    static let large: [ConvolutionCase] = [
        .init(2, 32, 32, size: (16, 15), kernel: (3, 3), padding: (1, 1)),
        .init(17, 14, 32, size: (33, 31), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
        .init(18, 4, 48, size: (16, 17), kernel: (6, 6), padding: (2, 3)),
        .init(2, 15, 16, size: (15, 14), kernel: (3, 3), padding: (1, 1)),
        .init(2, 9, 10, size: (15, 14), kernel: (5, 5), padding: (2, 2)),
        .init(2, 3, 10, size: (15, 14), kernel: (3, 5), padding: (0, 2)),
        .init(2, 2, 17, size: (100, 3), kernel: (3, 3)),
    ]

    static func transposed(_ c: ConvolutionCase, outputPadding: (Int, Int) = (0, 0)) -> ConvolutionCase {
        // The big side's size is what the convolution started from, or close to it.
        let s = c.settings
        func small(_ n: Int, _ k: Int, _ s: Int, _ p: Int, _ d: Int) -> Int { (n + 2 * p - d * (k - 1) - 1) / s + 1 }
        return ConvolutionCase(
            c.images, c.outputs, c.inputs,
            size: (
                small(c.size.0, c.kernel.0, s.stride.0, s.padding.0, s.dilation.0),
                small(c.size.1, c.kernel.1, s.stride.1, s.padding.1, s.dilation.1)
            ), kernel: c.kernel, stride: s.stride, padding: s.padding, dilation: s.dilation,
            outputPadding: outputPadding, transposed: true)
    }

    @Test(arguments: convolutions + large)
    func equalsTheOracle(_ item: ConvolutionCase) { item.check(in: ComputeContext(threads: 2)) }

    @Test(arguments: (convolutions + large).map { transposed($0) })
    func transposedEqualsTheOracle(_ item: ConvolutionCase) { item.check(in: ComputeContext(threads: 2)) }

    @Test(arguments: [
        ConvolutionCase(
            2, 3, 4, size: (4, 5), kernel: (3, 3), stride: (2, 2), padding: (1, 1), outputPadding: (1, 1),
            transposed: true),
        ConvolutionCase(
            17, 5, 1, size: (3, 2), kernel: (2, 3), stride: (3, 1), dilation: (1, 2), outputPadding: (2, 1),
            transposed: true),
    ])
    func outputPadding(_ item: ConvolutionCase) { item.check(in: ComputeContext(threads: 2)) }

    @Test(arguments: [Activation.tanh, .sigmoid, .relu, .leakyReLU(slope: 0.2), .gelu, .linear], [false, true])
    func activations(_ activation: Activation, _ transposed: Bool) {
        ConvolutionCase(
            18, 5, 9, size: (5, 6), kernel: (3, 3), stride: (2, 2), padding: (1, 1), transposed: transposed,
            activation: activation
        ).check(in: ComputeContext(threads: 2))
    }

    /// Against differences of the forward pass itself, which no backward formula of any kind has a part in.
    @Test(arguments: [
        ConvolutionCase(
            2, 2, 3, size: (5, 4), kernel: (3, 2), stride: (2, 1), padding: (1, 1), activation: .tanh),
        ConvolutionCase(
            2, 3, 2, size: (3, 4), kernel: (2, 3), stride: (2, 2), padding: (0, 1), dilation: (2, 1),
            outputPadding: (1, 1), transposed: true, activation: .sigmoid),
    ])
    func centralDifferencesAgree(_ item: ConvolutionCase) {
        let found = item.run(in: ComputeContext(threads: 2)), arrays = ["x": item.x, "w": item.weight, "b": item.bias]
        let g = item.outputGradient(found.y.shape.dimensions)
        let expected = centralDifferences(at: arrays) {
            item.sums($0["x"]!, $0["w"]!, $0["b"]!).map(item.activated).dot(g)
        }
        for (name, engine) in [("x", found.dx), ("w", found.dw), ("b", found.db)] {
            expectGradientsMatch(engine: engine.values, oracle: expected[name]!.values, name)
        }
    }
}
