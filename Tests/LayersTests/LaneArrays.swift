import Autodiff
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

/// What tests of image layers share.
enum LaneChecks {
    /// Images [N, C, H, W] in lanes, moved element by element, with something in the lanes beyond them that a layer which
    /// does not mask would be caught by.
    static func lanes(_ x: ArrayND, beyond: Float = 50) -> Tensor {
        let (N, C, pixels) = (x.shape[0], x.shape[1], x.shape[2] * x.shape[3]), blocks = (N + 15) / 16
        var values = [Float](repeating: beyond, count: blocks * C * pixels * 16)
        for n in 0..<N {
            for i in 0..<C * pixels {
                values[(n / 16 * C * pixels + i) * 16 + n % 16] = Float(x.values[n * C * pixels + i])
            }
        }
        return Tensor(values, shape: [blocks, C, x.shape[2], x.shape[3], 16])
    }

    /// The images of a tensor in lanes, in order, and what is in the lanes beyond them.
    static func images(_ x: Tensor, count: Int) -> (inside: [Float], beyond: [Float]) {
        let size = x.shape[1] * x.shape[2] * x.shape[3], values = x.values
        func image(_ n: Int) -> [Float] { (0..<size).map { values[(n / 16 * size + $0) * 16 + n % 16] } }
        return ((0..<count).flatMap(image), (count..<x.shape[0] * 16).flatMap(image))
    }

    /// Compares an image layer with a naive one in Double: the values, and the gradients of a weighted sum of the result by
    /// the images and by every parameter against central differences. In the lanes beyond the images the gradient is zero.
    ///
    /// - Parameter oracle: of the images and the parameters by name.
    static func check(
        _ name: String, _ input: ArrayND, parameters: [Parameter] = [], tolerance: Double = 1e-6, threads: Int = 2,
        oracle: (ArrayND, [String: ArrayND]) -> ArrayND, sourceLocation: SourceLocation = #_sourceLocation,
        engine: (ImageBlocks) -> ImageBlocks
    ) {
        let tape = Tape(in: ComputeContext(threads: threads)), count = input.shape[0], x = tape.variable(lanes(input))
        let y = engine(ImageBlocks(x, count: count))
        var arrays = ["the images": input]
        for p in parameters { arrays[p.name] = ArrayND(shape: p.value.shape.dimensions, floats: p.value.values) }
        func output(_ arrays: [String: ArrayND]) -> ArrayND { oracle(arrays["the images"]!, arrays) }
        let expected = output(arrays)
        #expect([count, y.channels, y.height, y.width] == expected.shape, "\(name)", sourceLocation: sourceLocation)
        let found = images(y.variable.value, count: count)
        expectValuesMatch(
            engine: found.inside, oracle: expected.values, name, tolerance: tolerance, sourceLocation: sourceLocation)
        #expect(found.beyond.allSatisfy { $0.isFinite }, "\(name)", sourceLocation: sourceLocation)

        let weights = samples(expected.shape, seed: 99)
        // A gradient of zero arrives in the lanes beyond, as the layers after this one promise.
        let gradients = tape.backward(from: [(y.variable, lanes(weights, beyond: 0))])
        let differences = centralDifferences(at: arrays) { output($0).dot(weights) }
        guard let dx = gradients[x] else {
            Issue.record("\(name): no gradient of the images", sourceLocation: sourceLocation)
            return
        }
        let byImages = images(dx, count: count)
        expectGradientsMatch(
            engine: byImages.inside, oracle: differences["the images"]!.values, "\(name), the images",
            sourceLocation: sourceLocation)
        #expect(byImages.beyond.allSatisfy { $0 == 0 }, "\(name): gradient beyond", sourceLocation: sourceLocation)
        for p in parameters {
            guard let gradient = gradients[p] else {
                Issue.record("\(name): no gradient of \(p.name)", sourceLocation: sourceLocation)
                continue
            }
            expectGradientsMatch(
                engine: gradient.values, oracle: differences[p.name]!.values, "\(name), \(p.name)",
                sourceLocation: sourceLocation)
        }
    }

    /// Multiples of 1/64 in about [low, high], exact in single precision and never 0.
    static func samples(_ shape: [Int], seed: UInt64, low: Double = -1.5, high: Double = 1.5) -> ArrayND {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        let values = (0..<shape.reduce(1, *)).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let unit = Double(state >> 11) * 0x1p-53
            return ((low + (high - low) * unit) * 64).rounded(.down) / 64 + 1.0 / 128
        }
        return ArrayND(shape: shape, values: values)
    }

    /// Different numbers for every pixel, so that no two are the largest: a shuffled row of multiples of 1/64.
    static func distinct(_ shape: [Int], seed: UInt64) -> ArrayND {
        let count = shape.reduce(1, *),
            order = samples([count], seed: seed).values.enumerated().sorted {
                ($0.element, $0.offset) < ($1.element, $1.offset)
            }
        var values = [Double](repeating: 0, count: count)
        for (rank, item) in order.enumerated() { values[item.offset] = Double(2 * rank - count) / 64 }
        return ArrayND(shape: shape, values: values)
    }
}
