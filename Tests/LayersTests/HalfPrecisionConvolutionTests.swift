import Autodiff
import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

/// Convolutions whose products are of half precision, against a naive one whose operands are rounded explicitly.
@Suite struct HalfPrecisionConvolutionTests {
    /// A layer, and what of it is in half precision.
    struct Case: Sendable, CustomTestStringConvertible {
        let layer: ConvolutionCase
        var y = true, dx = true, dw = true
        var testDescription: String { layer.testDescription }
    }

    static let cases: [Case] = [
        // The gradient of the weights by pairs of images, and by pairs of blocks.
        Case(
            layer: .init(17, 3, 32, size: (12, 11), kernel: (4, 4), stride: (2, 2), padding: (1, 1), activation: .relu)),
        Case(layer: .init(2, 21, 16, size: (9, 6), kernel: (3, 3), padding: (1, 1))),
        Case(layer: .init(35, 7, 14, size: (9, 8), kernel: (5, 5), padding: (2, 2), activation: .tanh)),
        Case(
            layer: .init(18, 33, 48, size: (4, 3), kernel: (3, 3), stride: (2, 2), padding: (1, 1), activation: .relu)),
        Case(
            layer: .init(5, 2, 6, size: (12, 13), kernel: (2, 3), stride: (3, 2), padding: (0, 3), dilation: (3, 2)),
            dw: false),
        // Transposed.
        Case(
            layer: .init(
                33, 32, 5, size: (5, 6), kernel: (4, 4), stride: (2, 2), padding: (1, 1), transposed: true,
                activation: .relu)),
        Case(
            layer: .init(
                20, 16, 3, size: (7, 5), kernel: (4, 3), stride: (2, 2), padding: (1, 1), transposed: true,
                activation: .sigmoid)),
        Case(
            layer: .init(
                2, 6, 9, size: (3, 2), kernel: (2, 3), stride: (3, 1), dilation: (1, 2), outputPadding: (2, 1),
                transposed: true), dw: false),
        // Of six rows the first two see none, then row 1 comes before row 0; on several threads each is a band.
        Case(
            layer: .init(
                5, 24, 2, size: (2, 5), kernel: (2, 3), stride: (4, 1), padding: (2, 1), dilation: (5, 1),
                transposed: true), dw: false),
        // One channel alone gains nothing.
        Case(layer: .init(17, 1, 4, size: (5, 6), kernel: (3, 2), padding: (1, 1)), y: false, dw: false),
        Case(
            layer: .init(3, 4, 1, size: (6, 6), kernel: (4, 4), stride: (2, 2), padding: (1, 1), transposed: true),
            dx: false, dw: false),
    ]

    /// The nearest number of half precision.
    static func rounded(_ x: Double) -> Double {
        guard x != 0 else { return x }
        let step = Double(sign: .plus, exponent: Int(Float(x).exponent) - 7, significand: 1)
        return (Double(Float(x)) / step).rounded(.toNearestOrEven) * step
    }

    /// ‖a − b‖ / ‖b‖
    static func distance(_ a: Tensor, _ b: ArrayND) -> Double {
        let difference = zip(a.values, b.values).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
        return (difference / b.values.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    @Test(arguments: cases) func resultsAreThoseOfRoundedProducts(_ item: Case) {
        let layer = item.layer, found = layer.run(in: ComputeContext(threads: 2), .bfloat16)
        func operand(_ x: ArrayND, _ rounds: Bool) -> ArrayND { rounds ? x.map(Self.rounded) : x }
        func result(_ rounds: Bool) -> ArrayND {
            layer.sums(operand(layer.x, rounds), operand(layer.weight, rounds), layer.bias).map(layer.activated)
        }
        func gradients(_ roundsInput: Bool, _ roundsWeight: Bool) -> (dx: ArrayND, dw: ArrayND, db: ArrayND) {
            // The derivative follows from what the engine has computed forward.
            let sums = layer.sums(operand(layer.x, item.y), operand(layer.weight, item.y), layer.bias)
            let g = layer.outputGradient(sums.shape).zip(sums.map(layer.derivative), *)
            func all(_ rounds: Bool) -> (input: ArrayND, weight: ArrayND, bias: ArrayND) {
                let gradients = Oracle.convolutionGradients(
                    operand(layer.x, rounds), weight: operand(layer.weight, rounds), outputGradient: operand(g, rounds),
                    transposed: layer.transposed, layer.settings)
                return (gradients.input, gradients.weight, gradients.bias)
            }
            return (all(roundsInput).input, all(roundsWeight).weight, all(false).bias)
        }
        let near = gradients(item.dx, item.dw), far = gradients(!item.dx, !item.dw)
        // A number whose activation or derivative comes out a little different may be rounded to a neighbor.
        let close = layer.activation == .linear || layer.activation == .relu ? 3e-6 : 3e-4
        for (name, engine, near, far) in [
            ("y", found.y, result(item.y), result(!item.y)), ("dx", found.dx, near.dx, far.dx),
            ("dw", found.dw, near.dw, far.dw),
        ] {
            #expect(engine.shape.dimensions == near.shape)
            #expect(Self.distance(engine, near) < close, "\(name): \(Self.distance(engine, near))")
            #expect((2e-4..<1e-2).contains(Self.distance(engine, far)), "\(name): \(Self.distance(engine, far))")
        }
        #expect(Self.distance(found.db, near.db) < close)
    }

    @Test(arguments: cases) func sameBitsOnAnyThreadsAndInstructionSet(_ item: Case) {
        let expected = item.layer.run(in: ComputeContext(threads: 1), .bfloat16)
        for set in InstructionSet.available {
            for threads in 1...3 {
                let found = item.layer.run(in: ComputeContext(threads: threads, instructionSet: set), .bfloat16)
                #expect(found == expected, "\(set), \(threads) threads")
            }
        }
    }

    /// Inputs beyond the second-level cache are cut into bands and pieces, and one block is shared by many threads.
    @Test(arguments: [
        ConvolutionCase(5, 24, 17, size: (40, 66), kernel: (3, 3), padding: (1, 1), activation: .relu),
        ConvolutionCase(
            18, 40, 32, size: (36, 30), kernel: (4, 4), stride: (2, 2), padding: (1, 1), transposed: true),
        ConvolutionCase(3, 70, 5, size: (9, 80), kernel: (9, 3), padding: (4, 1)),
    ])
    func bandsAndThreads(_ item: ConvolutionCase) {
        let expected = item.run(in: ComputeContext(threads: 1), .bfloat16)
        for set in InstructionSet.available where set != .portable {
            for threads in [2, 3, 7] {
                #expect(
                    item.run(in: ComputeContext(threads: threads, instructionSet: set), .bfloat16) == expected,
                    "\(set), \(threads) threads")
            }
        }
    }

    // MARK: The order of the sums

    /// One layer, all of whose sums are made by plain loops: multiply-adds of rounded numbers, in the order in which the
    /// engine promises them.
    struct Chains {
        let layer: ConvolutionCase
        let x, w, dy: [Float]
        let height, width: Int

        init(_ layer: ConvolutionCase, height: Int, width: Int) {
            self.layer = layer
            (self.height, self.width) = (height, width)
            func rounded(_ array: ArrayND) -> [Float] {
                array.values.map { Float(HalfPrecisionConvolutionTests.rounded($0)) }
            }
            x = rounded(layer.x)
            w = rounded(layer.weight)
            dy = rounded(layer.outputGradient([layer.images, layer.outputs, height, width]))
        }

        private func input(_ image: Int, _ channel: Int, _ row: Int, _ column: Int) -> Float? {
            guard (0..<layer.size.0).contains(row), (0..<layer.size.1).contains(column) else { return nil }
            guard image < layer.images, channel < layer.inputs else { return 0 }
            return x[((image * layer.inputs + channel) * layer.size.0 + row) * layer.size.1 + column]
        }
        private func gradient(_ image: Int, _ output: Int, _ row: Int, _ column: Int) -> Float? {
            guard (0..<height).contains(row), (0..<width).contains(column) else { return nil }
            guard image < layer.images, output < layer.outputs else { return 0 }
            return dy[((image * layer.outputs + output) * height + row) * width + column]
        }
        private func weight(_ output: Int, _ input: Int, _ row: Int, _ column: Int) -> Float {
            guard output < layer.outputs, input < layer.inputs else { return 0 }
            return w[((output * layer.inputs + input) * layer.kernel.0 + row) * layer.kernel.1 + column]
        }
        private func taps(_ body: (_ row: Int, _ column: Int) -> Void) {
            for row in 0..<layer.kernel.0 { for column in 0..<layer.kernel.1 { body(row, column) } }
        }

        /// Pairs of channels, in each the taps, in each both channels.
        func y(_ image: Int, _ output: Int, _ row: Int, _ column: Int) -> Float {
            var sum = Float(layer.bias.values[output])
            for pair in stride(from: 0, to: layer.inputs, by: 2) {
                taps { y, x in
                    for channel in pair...pair + 1 {
                        guard
                            let value = input(
                                image, channel, row * layer.settings.stride.0 + y - layer.settings.padding.0,
                                column * layer.settings.stride.1 + x - layer.settings.padding.1)
                        else { return }
                        sum.addProduct(weight(output, channel, y, x), value)
                    }
                }
            }
            return sum
        }

        func dx(_ image: Int, _ channel: Int, _ row: Int, _ column: Int) -> Float {
            var sum: Float = 0
            for pair in stride(from: 0, to: layer.outputs, by: 2) {
                taps { y, x in
                    let (down, across) = (row + layer.settings.padding.0 - y, column + layer.settings.padding.1 - x)
                    guard down % layer.settings.stride.0 == 0, across % layer.settings.stride.1 == 0 else { return }
                    for output in pair...pair + 1 {
                        guard
                            let value = gradient(
                                image, output, down / layer.settings.stride.0, across / layer.settings.stride.1)
                        else { return }
                        sum.addProduct(weight(output, channel, y, x), value)
                    }
                }
            }
            return sum
        }

        /// Pixels and images one after the other.
        func dw(_ output: Int, _ channel: Int, _ y: Int, _ x: Int) -> Float {
            var sum: Float = 0
            for row in 0..<height {
                for column in 0..<width {
                    for image in 0..<16 { add(&sum, image, output, channel, y, x, row, column) }
                }
            }
            return sum
        }

        /// Each of 16 lanes over pixels and both blocks, then the lanes in halves.
        func dwInLanes(_ output: Int, _ channel: Int, _ y: Int, _ x: Int) -> Float {
            var lanes = [Float](repeating: 0, count: 16)
            for lane in 0..<16 {
                for row in 0..<height {
                    for column in 0..<width {
                        for block in 0...1 { add(&lanes[lane], block * 16 + lane, output, channel, y, x, row, column) }
                    }
                }
            }
            while lanes.count > 1 {
                let half = lanes.count / 2
                lanes = (0..<half).map { lanes[$0] + lanes[half + $0] }
            }
            return lanes[0]
        }

        private func add(
            _ sum: inout Float, _ image: Int, _ output: Int, _ channel: Int, _ y: Int, _ x: Int, _ row: Int,
            _ column: Int
        ) {
            guard
                let value = input(
                    image, channel, row * layer.settings.stride.0 + y - layer.settings.padding.0,
                    column * layer.settings.stride.1 + x - layer.settings.padding.1),
                let gradient = gradient(image, output, row, column)
            else { return }
            sum.addProduct(gradient, value)
        }
    }

    @Test func sumsAreMadeInOrder() {
        for (layer, height, width, isTurned) in [
            (
                ConvolutionCase(5, 7, 16, size: (9, 8), kernel: (3, 3), stride: (2, 2), padding: (1, 1)), 5, 4, true
            ),
            (ConvolutionCase(21, 5, 9, size: (6, 5), kernel: (5, 4), padding: (2, 1)), 6, 4, false),
        ] {
            let found = layer.run(in: ComputeContext(threads: 1), .bfloat16)
            let chains = Chains(layer, height: height, width: width)
            func all(_ shape: [Int], _ value: (Int, Int, Int, Int) -> Float) -> [Float] {
                (0..<shape[0]).flatMap { a in
                    (0..<shape[1]).flatMap { b in
                        (0..<shape[2]).flatMap { c in (0..<shape[3]).map { value(a, b, c, $0) } }
                    }
                }
            }
            #expect(found.y.values == all(found.y.shape.dimensions, chains.y), "\(layer)")
            #expect(found.dx.values == all(found.dx.shape.dimensions, chains.dx), "\(layer)")
            #expect(
                found.dw.values == all(found.dw.shape.dimensions, isTurned ? chains.dw : chains.dwInLanes), "\(layer)")
        }
    }

    /// Plans of one precision do not serve the other.
    @Test func precisionsTakeTurns() {
        let context = ComputeContext(threads: 1), stream = RandomStream(seed: 3)
        let layer = Convolution2D(
            "c", inputs: 6, outputs: 9, kernel: 3, padding: 1, activation: .relu, from: stream, in: context)
        let images = RandomStream(seed: 4).normal([5, 6, 7, 8], in: context)
        func output(_ precision: ProductPrecision) -> Tensor {
            let tape = Tape(in: context, precision: precision, recording: false)
            return layer(tape.constant(images)).value
        }
        let single = output(.single), half = output(.bfloat16)
        #expect(single != half)
        #expect(output(.single) == single && output(.bfloat16) == half)
    }
}
