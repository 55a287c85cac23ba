import Autodiff
import Kernels
import Layers
import TensorCore
import Testing

/// Dense layers whose products are of half precision, against plain loops over rounded numbers.
@Suite struct HalfPrecisionDenseTests {
    private static func random(_ shape: Shape, _ step: UInt64) -> Tensor {
        RandomStream(seed: 4, step: step).normal(shape, deviation: 0.5, in: ComputeContext(threads: 1))
    }

    private static func run(
        _ sizes: (rows: Int, inputs: Int, outputs: Int), _ precision: ProductPrecision, in context: ComputeContext
    ) -> (y: Tensor, dx: Tensor?, dw: Tensor?, db: Tensor?) {
        let layer = Dense(
            weight: Parameter("d.weight", random([sizes.outputs, sizes.inputs], 1)),
            bias: Parameter("d.bias", random([sizes.outputs], 2)))
        let tape = Tape(in: context, precision: precision), x = tape.variable(random([sizes.rows, sizes.inputs], 3))
        let y = layer(x)
        let gradients = tape.backward(from: [(y, random(y.shape, 4))])
        return (y.value, gradients[x], gradients[layer.weight], layer.bias.flatMap { gradients[$0] })
    }

    private static func rounded(_ x: Tensor) -> [Float] {
        x.values.map { x in
            let step = Double(sign: .plus, exponent: Int(x.exponent) - 7, significand: 1)
            return x == 0 ? x : Float((Double(x) / step).rounded(.toNearestOrEven) * step)
        }
    }

    /// Each sum in the order of its depth, by multiply-adds of rounded numbers.
    @Test(arguments: [(5, 48, 32), (16, 16, 80), (33, 160, 16)])
    func sumsAreMadeInOrder(_ rows: Int, _ inputs: Int, _ outputs: Int) {
        let found = Self.run((rows, inputs, outputs), .bfloat16, in: ComputeContext(threads: 2))
        let w = Self.rounded(Self.random([outputs, inputs], 1)), bias = Self.random([outputs], 2).values
        let x = Self.rounded(Self.random([rows, inputs], 3)), g = Self.rounded(Self.random([rows, outputs], 4))
        func chain(_ start: Float, _ depth: Int, _ a: (Int) -> Float, _ b: (Int) -> Float) -> Float {
            (0..<depth).reduce(start) { $0.addingProduct(a($1), b($1)) }
        }
        let y = (0..<rows).flatMap { row in
            (0..<outputs).map { j in chain(bias[j], inputs, { x[row * inputs + $0] }, { w[j * inputs + $0] }) }
        }
        let dx = (0..<rows).flatMap { row in
            (0..<inputs).map { k in chain(0, outputs, { g[row * outputs + $0] }, { w[$0 * inputs + k] }) }
        }
        let dw = (0..<outputs).flatMap { j in
            (0..<inputs).map { k in chain(0, rows, { g[$0 * outputs + j] }, { x[$0 * inputs + k] }) }
        }
        #expect(found.y.values == y)
        #expect(found.dx?.values == dx && found.dw?.values == dw)
        #expect(found.db == Self.run((rows, inputs, outputs), .single, in: ComputeContext(threads: 2)).db)
    }

    @Test func sameBitsOnAnyThreadsAndInstructionSet() {
        for sizes in [(37, 96, 48), (130, 640, 272)] {
            let expected = Self.run(sizes, .bfloat16, in: ComputeContext(threads: 1))
            for set in InstructionSet.available where set != .portable || sizes.0 == 37 {
                for threads in 1...3 {
                    let found = Self.run(sizes, .bfloat16, in: ComputeContext(threads: threads, instructionSet: set))
                    #expect(
                        found.y == expected.y && found.dx == expected.dx && found.dw == expected.dw,
                        "\(set), \(threads) threads")
                }
            }
        }
    }

    /// What is not a multiple of 16 is computed as ever, and packs of one precision do not serve the other.
    @Test func precisionsTakeTurns() {
        let context = ComputeContext(threads: 1)
        let odd = (rows: 5, inputs: 48, outputs: 30)
        #expect(Self.run(odd, .bfloat16, in: context).dw == Self.run(odd, .single, in: context).dw)
        let layer = Dense("d", inputs: 48, outputs: 32, from: RandomStream(seed: 3), in: context)
        func output(_ precision: ProductPrecision) -> Tensor {
            let tape = Tape(in: context, precision: precision, recording: false)
            return layer(tape.constant(Self.random([5, 48], 3))).value
        }
        let single = output(.single), half = output(.bfloat16)
        #expect(single != half && output(.single) == single && output(.bfloat16) == half)
    }
}
