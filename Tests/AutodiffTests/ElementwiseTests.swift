import Autodiff
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct ElementwiseTests {
    let a = samples([3, 7], seed: 1), b = samples([3, 7], seed: 2, low: 0.5, high: 2.5)

    @Test func arithmetic() {
        check("a + b", [a, b], oracle: { $0[0].zip($0[1], +) }, engine: { $0[0] + $0[1] })
        check("a - b", [a, b], oracle: { $0[0].zip($0[1], -) }, engine: { $0[0] - $0[1] })
        check("a * b", [a, b], oracle: { $0[0].zip($0[1], *) }, engine: { $0[0] * $0[1] })
        check("a / b", [a, b], oracle: { $0[0].zip($0[1], /) }, engine: { $0[0] / $0[1] })
    }

    @Test func arithmeticWithNumbers() {
        func with(_ name: String, _ f: @escaping (Double) -> Double, _ g: (Variable) -> Variable) {
            check(name, [b], oracle: { $0[0].map(f) }, engine: { g($0[0]) })
        }
        with("2x", { 2 * $0 }, { 2 * $0 })
        with("x * 2", { 2 * $0 }, { $0 * 2 })
        with("x + 1", { $0 + 1 }, { $0 + 1 })
        with("1 + x", { $0 + 1 }, { 1 + $0 })
        with("x - 3", { $0 - 3 }, { $0 - 3 })
        with("3 - x", { 3 - $0 }, { 3 - $0 })
        with("x / 3", { $0 / 3 }, { $0 / 3 })
        with("3 / x", { 3 / $0 }, { 3 / $0 })
        with("-x", { -$0 }, { -$0 })
    }

    @Test func functions() {
        func with(_ name: String, _ x: ArrayND, _ f: @escaping (Double) -> Double, _ g: (Variable) -> Variable) {
            check(name, [x], oracle: { $0[0].map(f) }, engine: { g($0[0]) })
        }
        let wide = samples([2, 53], seed: 3, low: -4, high: 4)
        with("tanh", wide, Oracle.tanh) { $0.tanh() }
        with("sigmoid", wide, Oracle.sigmoid) { $0.sigmoid() }
        with("relu", wide, Oracle.relu) { $0.relu() }
        with("leaky relu", wide, { Oracle.leakyReLU($0, slope: Double(Float(0.2))) }, { $0.leakyReLU(slope: 0.2) })
        with("gelu", wide, Oracle.gelu) { $0.gelu() }
        with("exp", wide, Foundation.exp) { $0.exp() }
        with("log", b, Foundation.log) { $0.log() }
        with("squared", wide, { $0 * $0 }, { $0.squared() })
        with("square root", b, { $0.squareRoot() }, { $0.squareRoot() })
    }

    /// Sizes that are split over threads.
    @Test func largeTensors() {
        let context = ComputeContext(threads: 3), x = RandomStream(seed: 1).normal([129, 257], in: context)
        func run(_ context: ComputeContext) -> [Tensor] {
            let tape = Tape(in: context), v = tape.variable(x)
            let y = ((v.tanh() * v.sigmoid() - v.gelu() / (v.squared() + 1)).softmax() + v.relu()).mean(axis: 0).sum()
            return [y.value, tape.backward(from: y)[v]!]
        }
        let expected = run(ComputeContext(threads: 1))
        #expect(run(context) == expected && run(ComputeContext(threads: 2)) == expected)
    }

    @Test(arguments: ["relu", "leaky_relu", "tanh", "sigmoid", "gelu"])
    func equalPyTorch(_ name: String) throws {
        let fixture = try Fixture.load("activations"), input = try fixture["input"]
        let tape = Tape(in: ComputeContext(threads: 1)),
            x = tape.variable(Tensor(input.floats, shape: Shape(input.shape)))
        let slope = Float(try fixture["negative_slope"].scalar)
        let y: Variable =
            switch name {
            case "relu": x.relu()
            case "leaky_relu": x.leakyReLU(slope: slope)
            case "tanh": x.tanh()
            case "sigmoid": x.sigmoid()
            default: x.gelu()
            }
        expectValuesMatch(engine: y.value.values, oracle: try fixture["\(name).output"].values, name)
        let weight = Tensor(try fixture["weight_of_output"].floats, shape: x.shape)
        let gradient = try #require(tape.backward(from: [(y, weight)])[x])
        expectGradientsMatch(engine: gradient.values, oracle: try fixture["\(name).input.grad"].values, name)
    }

    @Test func differentShapesStopTheProgram() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let tape = Tape(in: ComputeContext(threads: 1))
            _ = tape.variable(Tensor(zeros: [2, 3])) + tape.variable(Tensor(zeros: [3]))
        }
        expectMessage("elementwise on shapes [2, 3] and [3]", from: result)
    }
}
