import Autodiff
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

/// Sizes, names, first weights, caches and the conversion between rows and lanes.
@Suite struct ConvolutionLayerTests {
    let context = ComputeContext(threads: 2)

    /// The formulas of PyTorch's documentation, with numbers worked out by hand.
    @Test func outputSizes() {
        func size(_ g: ConvolutionGeometry, _ h: Int, _ w: Int) -> Size2D {
            g.outputSize(of: Size2D(height: h, width: w))
        }
        #expect(size(.init(kernel: 3, stride: 2, padding: 1), 28, 28) == 14)
        #expect(size(.init(kernel: 3, stride: 2, padding: 1), 7, 8) == 4)
        #expect(size(.init(kernel: 5, padding: 2), 9, 4) == Size2D(height: 9, width: 4))
        #expect(size(.init(kernel: Size2D(height: 3, width: 2), dilation: 2), 7, 7) == Size2D(height: 3, width: 5))
        #expect(size(.init(kernel: 1, stride: 3), 1, 4) == Size2D(height: 1, width: 2))
        func up(_ g: ConvolutionGeometry, _ n: Int) -> Size2D { g.transposedOutputSize(of: Size2D(n)) }
        #expect(up(.init(kernel: 4, stride: 2, padding: 1), 7) == 14)
        #expect(up(.init(kernel: 3, stride: 2, padding: 1, outputPadding: 1), 7) == 14)
        #expect(up(.init(kernel: 3, stride: 2, padding: 1), 7) == 13)
        #expect(up(.init(kernel: 2, stride: 3, dilation: 4, outputPadding: 3), 5) == 20)
    }

    @Test func namesAndShapes() {
        let stream = RandomStream(seed: 1)
        let a = Convolution2D(
            "encoder.0", inputs: 3, outputs: 5, kernel: Size2D(height: 3, width: 2), from: stream, in: context)
        let b = TransposedConvolution2D(
            "decoder.0", inputs: 3, outputs: 5, kernel: 4, stride: 2, bias: false, from: stream, in: context)
        #expect(a.parameters.map(\.name) == ["encoder.0.weight", "encoder.0.bias"])
        #expect(a.parameters.map(\.value.shape) == [[5, 3, 3, 2], [5]])
        #expect(b.parameters.map(\.name) == ["decoder.0.weight"] && b.weight.value.shape == [3, 5, 4, 4])
        #expect(a.bias!.value.values == [0, 0, 0, 0, 0])
    }

    /// The deviation of He's initializer follows from what an output sees.
    @Test func firstWeights() {
        func deviation(_ t: Tensor) -> Double {
            (t.values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(t.count)).squareRoot()
        }
        let stream = RandomStream(seed: 2)
        let a = Convolution2D("a", inputs: 20, outputs: 40, kernel: 5, from: stream, in: context)
        #expect(abs(deviation(a.weight.value) / (2.0 / 500).squareRoot() - 1) < 0.03)
        let b = TransposedConvolution2D("b", inputs: 20, outputs: 40, kernel: 4, stride: 2, from: stream, in: context)
        #expect(abs(deviation(b.weight.value) / (2.0 / 80).squareRoot() - 1) < 0.03)
        let c = Convolution2D(
            "c", inputs: 20, outputs: 40, kernel: 5, weights: .glorotUniform, from: stream, in: context)
        let bound = (6.0 / 1500).squareRoot(), largest = Double(c.weight.value.values.map(abs).max() ?? 0)
        #expect(largest <= bound * 1.0001 && largest > bound * 0.99)
        let d = Convolution2D("d", inputs: 2, outputs: 3, kernel: 2, weights: .orthogonal, from: stream, in: context)
        let w = ArrayND(shape: [3, 8], floats: d.weight.value.values)
        let product = Oracle.matrixProduct(w, w, transposeB: true)
        expectMatch(product.values, [1, 0, 0, 0, 1, 0, 0, 0, 1], "rows", tolerance: 1e-6)
    }

    /// Images to lanes and back, with gradients, for counts around 16 and image sizes around the strips.
    @Test(arguments: [1, 2, 16, 17, 35], [[1, 1, 1], [3, 5, 7], [2, 20, 31]])
    func rowsAndLanes(_ count: Int, _ image: [Int]) {
        let tape = Tape(in: context), shape = Shape([count] + image), size = image.reduce(1, *)
        let x = tape.variable(RandomStream(seed: 5).normal(shape, in: context)), lanes = x.inBlocks()
        #expect(lanes.variable.shape == Shape([(count + 15) / 16] + image + [16]) && lanes.count == count)
        let rows = x.value.values, found = lanes.variable.value.values
        for block in 0..<lanes.blocks {
            for element in 0..<size {
                for lane in 0..<16 {
                    let n = block * 16 + lane, expected = n < count ? rows[n * size + element] : 0
                    if found[(block * size + element) * 16 + lane] != expected {
                        Issue.record("lane \(lane) of element \(element), block \(block)")
                        return
                    }
                }
            }
        }
        let back = lanes.rows()
        #expect(back.value == x.value)
        let g = RandomStream(seed: 6).normal(shape, in: context)
        #expect(tape.backward(from: [(back, g)])[x] == g)
    }

    /// What lies in lanes without an image does not reach any gradient.
    @Test func lanesWithoutAnImage() {
        let stream = RandomStream(seed: 7)
        let layers = [
            Convolution2D("a", inputs: 2, outputs: 5, kernel: 3, activation: .sigmoid, from: stream, in: context),
            Convolution2D("b", inputs: 5, outputs: 3, kernel: 3, activation: .tanh, from: stream, in: context),
        ]
        for layer in layers { layer.bias!.value = Tensor(repeating: 0.5, shape: layer.bias!.value.shape) }
        func gradients(_ images: Tensor, count: Int) -> [Tensor] {
            let tape = Tape(in: context), x = tape.variable(images)
            let y = layers.reduce(x.inBlocks()) { $1($0) }.rows()
            let g = tape.backward(from: [(y, Tensor(repeating: 1, shape: y.shape))])
            return [g[x]!] + layers.flatMap { [g[$0.weight]!, g[$0.bias!]!] }
        }
        // Three images in one block, or with thirteen of which none is looked at.
        let three = RandomStream(seed: 8).normal([3, 2, 7, 6], in: context)
        let found = gradients(three, count: 3)
        #expect(found.allSatisfy { $0.values.allSatisfy(\.isFinite) })
        let tape = Tape(in: context)
        let sixteen = tape.variable(
            Tensor(
                three.values + RandomStream(seed: 9).normal([13, 2, 7, 6], in: context).values, shape: [16, 2, 7, 6]))
        let y = layers.reduce(sixteen.inBlocks()) { $1($0) }.rows()
        var weight = Tensor(zeros: y.shape)
        for index in 0..<3 * y.value.count / 16 {
            weight.withUnsafeMutablePointer { $0[index] = 1 }
        }
        let g = tape.backward(from: [(y, weight)])
        let expected = layers.flatMap { [g[$0.weight]!, g[$0.bias!]!] }
        #expect(Array(found.dropFirst()) == expected)
    }

    /// Packed weights follow the parameter; plans follow the size of the images.
    @Test func cachesFollow() {
        let weight = Parameter("w", Tensor([1, 2], shape: [1, 1, 1, 2]))
        let layer = Convolution2D(weight: weight, bias: nil, geometry: .init(kernel: Size2D(height: 1, width: 2)))
        func run(_ values: [Float]) -> [Float] {
            let tape = Tape(in: context), x = tape.variable(Tensor(values, shape: [1, 1, 1, values.count]))
            let y = layer(x.inBlocks()).rows()
            return y.value.values + tape.backward(from: [(y, Tensor(repeating: 1, shape: y.shape))])[x]!.values
        }
        #expect(run([10, 100]) == [210, 1, 2])
        #expect(run([10, 100, 1]) == [210, 102, 1, 3, 2])
        weight.value = Tensor([3, 4], shape: [1, 1, 1, 2])
        #expect(run([10, 100]) == [430, 3, 4])
        for width in 4..<20 { #expect(run([Float](repeating: 1, count: width)).count == 2 * width - 1) }
        #expect(run([10, 100]) == [430, 3, 4])
    }

    /// After the first steps no buffer is new.
    @Test func steadyState() {
        let stream = RandomStream(seed: 1)
        let down = Convolution2D(
            "a", inputs: 3, outputs: 20, kernel: 3, stride: 2, padding: 1, activation: .relu, from: stream, in: context)
        let up = TransposedConvolution2D(
            "b", inputs: 20, outputs: 3, kernel: 4, stride: 2, padding: 1, activation: .sigmoid, from: stream,
            in: context)
        var misses: [Int] = []
        let images = RandomStream(seed: 2).normal([20, 3, 12, 10], in: context)
        for _ in 0..<6 {
            for parameter in down.parameters + up.parameters { parameter.value = parameter.value }
            let tape = Tape(in: context), y = up(down(tape.constant(images).inBlocks())).rows()
            _ = tape.backward(from: [(y, images)])
            misses.append(context.workspace.misses)
        }
        #expect(misses[2...].allSatisfy { $0 == misses[2] }, "\(misses)")
    }
}
