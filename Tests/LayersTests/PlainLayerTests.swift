import Autodiff
import Layers
import TensorCore
import TestSupport
import Testing

@Suite struct PlainLayerTests {
    static let stream = RandomStream(seed: 7, stream: 100, step: 3)

    func dropped(_ layer: Dropout, _ shape: Shape, mode: Mode = .training(stream), threads: Int = 1) -> Tensor {
        let tape = Tape(in: ComputeContext(threads: threads))
        return layer(tape.variable(Tensor(repeating: 3, shape: shape)), mode: mode).value
    }

    @Test(arguments: [Float(0.1), 0.5, 0.9])
    func dropoutRateAndScale(_ rate: Float) {
        let shape: Shape = [200, 501]
        for (form, kept) in [(Dropout.Form.inverted, 3 * (1 / (1 - rate))), (.scaledAtInference, 3)] {
            let y = dropped(Dropout(rate: rate, form: form, stream: 1), shape).values
            #expect(y.allSatisfy { $0 == 0 || $0 == kept })
            let zeros = Double(y.filter { $0 == 0 }.count) / Double(y.count), p = Double(rate)
            #expect(abs(zeros - p) < 5 * (p * (1 - p) / Double(y.count)).squareRoot())
        }
    }

    @Test func dropoutAtInference() {
        let x = Tensor(repeating: 3, shape: [4, 5])
        #expect(dropped(Dropout(rate: 0.25, stream: 1), [4, 5], mode: .inference) == x)
        let scaled = dropped(Dropout(rate: 0.25, form: .scaledAtInference, stream: 1), [4, 5], mode: .inference)
        #expect(scaled == Tensor(repeating: 2.25, shape: [4, 5]))
        #expect(dropped(Dropout(rate: 0, stream: 1), [4, 5]) == x)
    }

    @Test func masksDifferByLayerStepAndSeedOnly() {
        let shape: Shape = [130, 257], layer = Dropout(rate: 0.5, stream: 1), mask = dropped(layer, shape)
        for threads in 2...3 { #expect(dropped(layer, shape, threads: threads) == mask) }
        var later = Self.stream, reseeded = Self.stream
        later.step += 1
        reseeded.seed += 1
        let others = [
            dropped(Dropout(rate: 0.5, stream: 2), shape), dropped(layer, shape, mode: .training(later)),
            dropped(layer, shape, mode: .training(reseeded)),
        ]
        for other in others {
            let agree = zip(mask.values, other.values).filter { $0 == $1 }.count
            #expect(abs(Double(agree) / Double(shape.count) - 0.5) < 0.02)
        }
    }

    /// The gradient goes where the value went, by the same factor.
    @Test func dropoutGradient() {
        let tape = Tape(in: ComputeContext(threads: 2)), x = tape.variable(Tensor(repeating: 1, shape: [30, 40]))
        let y = Dropout(rate: 0.4, stream: 5)(x, mode: .training(Self.stream))
        #expect(tape.backward(from: y.sum())[x] == y.value)
    }

    @Test func embeddingEqualsPyTorchAndOneHot() throws {
        let fixture = try Fixture.load("embedding"), context = ComputeContext(threads: 2), tape = Tape(in: context)
        let ids = try fixture["ids"].integers.map(Int32.init), weight = try fixture["weight"]
        let layer = Embedding(weight: Parameter("e.weight", Tensor(weight.floats, shape: Shape(weight.shape))))
        let y = layer(ids, shape: [3, 4], on: tape),
            weights = Tensor(try fixture["weight_of_output"].floats, shape: y.shape)
        #expect(y.value.values.map(Double.init) == (try fixture["output"].values.map { Double(Float($0)) }))
        let gradient = try #require(tape.backward(from: [(y, weights)])[layer.weight])
        expectGradientsMatch(engine: gradient.values, oracle: try fixture.gradient(of: "weight").values, "weight")

        let dense = Tape(in: context), view = Tensor.oneHot(ids, shape: [3, 4], classes: weight.shape[0])
        #expect(view.shape == [3, 4, 6])
        let product = dense.constant(view).multiplied(by: dense(layer.weight)).reshaped(to: [3, 4, 5])
        #expect(product.value == y.value)
        let same = try #require(dense.backward(from: [(product, weights)])[layer.weight])
        expectGradientsMatch(engine: same.values, oracle: try fixture.gradient(of: "weight").values, "weight, one-hot")
    }

    @Test func activations() {
        let tape = Tape(in: ComputeContext(threads: 1)), x = tape.variable(Tensor([-2, 0.5], shape: [2]))
        let expected: [(Activation, Variable)] = [
            (.linear, x), (.tanh, x.tanh()), (.sigmoid, x.sigmoid()), (.relu, x.relu()), (.gelu, x.gelu()),
            (.leakyReLU(slope: 0.3), x.leakyReLU(slope: 0.3)),
        ]
        for (activation, y) in expected { #expect(activation(x).value == y.value) }
        #expect(Set(expected.map { $0.1.value.values }).count == expected.count)
    }

    /// The book's digit network in small: dense, tanh, dropout, dense; every gradient against the oracle.
    @Test func sequence() {
        let context = ComputeContext(threads: 2), random = RandomStream(seed: 4)
        func fresh(_ stream: UInt64) -> RandomStream { RandomStream(seed: 4, stream: stream) }
        let network = Sequential(
            Dense("hidden", inputs: 5, outputs: 7, weights: .glorotNormal, from: fresh(1), in: context),
            Activation.tanh,
            Dropout(rate: 0.4, stream: 3), Dense("out", inputs: 7, outputs: 3, from: fresh(2), in: context))
        #expect(network.parameters.map(\.name) == ["hidden.weight", "hidden.bias", "out.weight", "out.bias"])
        #expect(network.buffers.isEmpty)
        network.parameters[1].value = random.normal([7], in: context)
        let input = random.normal([4, 5], in: context), targets = [2, 0, 1, 2]
        var masks = Self.stream
        masks.stream += 3
        let keep = ArrayND(shape: [4, 7], values: masks.uniform(count: 28, in: context).map { $0 >= 0.4 ? 1.0 : 0.0 })
        var arrays = ["x": ArrayND(shape: [4, 5], floats: input.values)]
        for p in network.parameters {
            arrays[p.name] = ArrayND(shape: p.value.shape.dimensions, floats: p.value.values)
        }
        func loss(_ a: [String: ArrayND]) -> Double {
            let hidden = Oracle.dense(a["x"]!, weight: a["hidden.weight"]!, bias: a["hidden.bias"]!).map(Oracle.tanh)
            let dropped = Oracle.dropout(hidden, mask: keep, keepProbability: 0.6)
            return Oracle.crossEntropy(
                Oracle.dense(dropped, weight: a["out.weight"]!, bias: a["out.bias"]!), targets: targets)
        }
        let tape = Tape(in: context), x = tape.variable(input)
        let engine = network(x, mode: .training(Self.stream)).softmaxCrossEntropy(targets: targets.map(Int32.init))
        expectValuesMatch(engine: [engine.value.scalar], oracle: [loss(arrays)], "loss")
        let gradients = tape.backward(from: engine), oracle = centralDifferences(at: arrays, of: loss)
        expectGradientsMatch(engine: gradients[x]!.values, oracle: oracle["x"]!.values, "x")
        for p in network.parameters {
            expectGradientsMatch(engine: gradients[p]!.values, oracle: oracle[p.name]!.values, p.name)
        }
    }

    @Test func namesThatRepeatStopTheProgram() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let context = ComputeContext(threads: 1), stream = RandomStream(seed: 1)
            let layer = Dense("a", inputs: 2, outputs: 2, from: stream, in: context)
            _ = Sequential(layer, Dense("a", inputs: 2, outputs: 2, from: stream, in: context))
        }
        expectMessage("share a name", from: result)
    }
}
