import Autodiff
import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

@Suite struct DenseTests {
    static func dense(_ name: String, _ weight: Tensor, _ bias: Tensor?) -> Dense {
        Dense(weight: Parameter("\(name).weight", weight), bias: bias.map { Parameter("\(name).bias", $0) })
    }

    @Test(arguments: [1, 3])
    func equalsPyTorch(_ threads: Int) throws {
        let fixture = try Fixture.load("dense")
        func tensor(_ name: String) throws -> Tensor {
            Tensor(try fixture[name].floats, shape: Shape(try fixture[name].shape))
        }
        let layer = Self.dense("fc", try tensor("weight"), try tensor("bias")),
            tape = Tape(in: ComputeContext(threads: threads))
        #expect(layer.parameters.map(\.name) == ["fc.weight", "fc.bias"])
        let x = tape.variable(try tensor("input")), y = layer(x)
        #expect(y.shape == [4, 3, 5])
        expectValuesMatch(engine: y.value.values, oracle: try fixture["output"].values, "output")
        let gradients = tape.backward(from: [(y, try tensor("weight_of_output"))])
        for (name, gradient) in [
            ("input", gradients[x]), ("weight", gradients[layer.weight]), ("bias", gradients[layer.bias!]),
        ] {
            expectGradientsMatch(
                engine: try #require(gradient).values, oracle: try fixture.gradient(of: name).values, name)
        }
    }

    /// Rows enough for every way of cutting the three products; one more output than a panel holds.
    @Test(arguments: [(70, 33, 65), (3, 5, 2), (130, 65, 130)])
    func equalsTheOracle(_ rows: Int, _ inputs: Int, _ outputs: Int) {
        let context = ComputeContext(threads: 2)
        func random(_ shape: Shape, _ stream: UInt64) -> Tensor {
            RandomStream(seed: 5, stream: stream).normal(shape, in: context)
        }
        func wide(_ t: Tensor) -> ArrayND { ArrayND(shape: t.shape.dimensions, floats: t.values) }
        let w = random([outputs, inputs], 1), b = random([outputs], 2), input = random([2, rows, inputs], 3)
        let dy = random([2, rows, outputs], 4), flat = dy.reshaped(to: [2 * rows, outputs])
        let layer = Self.dense("d", w, b), tape = Tape(in: context), x = tape.variable(input), y = layer(x)
        expectValuesMatch(
            engine: y.value.values, oracle: Oracle.dense(wide(input), weight: wide(w), bias: wide(b)).values, "y",
            tolerance: 2e-6)
        let gradients = tape.backward(from: [(y, dy)])
        let dx = Oracle.matrixProduct(wide(flat), wide(w))
        let dw = Oracle.matrixProduct(wide(flat), wide(input.reshaped(to: [2 * rows, inputs])), transposeA: true)
        let db = Oracle.matrixProduct(ArrayND(repeating: 1, shape: [1, 2 * rows]), wide(flat))
        expectGradientsMatch(engine: gradients[x]!.values, oracle: dx.values, "x")
        expectGradientsMatch(engine: gradients[layer.weight]!.values, oracle: dw.values, "weight")
        expectGradientsMatch(engine: gradients[layer.bias!]!.values, oracle: db.values, "bias")
    }

    @Test(arguments: InstructionSet.available)
    func sameBits(_ set: InstructionSet) {
        func run(_ context: ComputeContext) -> [Tensor] {
            let stream = RandomStream(seed: 2, stream: 9)
            let layer = Dense("d", inputs: 37, outputs: 65, from: stream, in: context), tape = Tape(in: context)
            let x = tape.variable(RandomStream(seed: 3).normal([100, 37], in: context)), y = layer(x)
            let gradients = tape.backward(from: y.softmaxCrossEntropy(targets: (0..<100).map { Int32($0 % 65) }))
            return [y.value, gradients[x]!, gradients[layer.weight]!, gradients[layer.bias!]!]
        }
        let expected = run(ComputeContext(threads: 1, instructionSet: InstructionSet.available[0]))
        for threads in 1...3 { #expect(run(ComputeContext(threads: threads, instructionSet: set)) == expected) }
    }

    /// The packed weight follows the parameter, forward and backward.
    @Test func packsFollowTheVersion() {
        let context = ComputeContext(threads: 1), layer = Self.dense("d", Tensor([1, 2], shape: [1, 2]), nil)
        func run() -> [Float] {
            let tape = Tape(in: context), x = tape.variable(Tensor([10, 100], shape: [1, 2])), y = layer(x)
            return y.value.values + tape.backward(from: y.sum())[x]!.values
        }
        #expect(run() == [210, 1, 2] && run() == [210, 1, 2])
        layer.weight.value = Tensor([3, 4], shape: [1, 2])
        #expect(run() == [430, 3, 4])
        layer.weight.value[0, 1] = 0
        #expect(run() == [30, 3, 0])
    }

    /// A weight written to between the passes: the gradient is that of the forward pass.
    @Test func backwardUsesTheWeightOfTheForwardPass() {
        let layer = Self.dense("d", Tensor([1, 2], shape: [1, 2]), nil), tape = Tape(in: ComputeContext(threads: 1))
        let x = tape.variable(Tensor([10, 100], shape: [1, 2])), y = layer(x)
        layer.weight.value = Tensor([3, 4], shape: [1, 2])
        #expect(tape.backward(from: y.sum())[x]!.values == [1, 2])
        #expect(layer(Tape(in: tape.context).variable(x.value)).value.scalar == 430)
    }
}
