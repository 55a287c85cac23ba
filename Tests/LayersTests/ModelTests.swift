import Autodiff
import Layers
import TensorCore
import TestSupport
import Testing

/// A layer of one's own as a user writes it: properties, and a function.
private struct Residual: Layer {
    let first: Dense, second: Dense?
    let scales = [Parameter(Tensor([0.5, 2])), Parameter(shape: [2, 3], .normal(deviation: 1))]
    let table = ["b": Parameter(shape: [1], .constant(1)), "a": Parameter(shape: [4], .constant(2))]
    let numbers = [Float](repeating: 0, count: 1000)

    init(_ size: Int, deep: Bool = true) {
        first = Dense(size, size)
        second = deep ? Dense(size, size, bias: false) : nil
    }

    func callAsFunction(_ x: Variable, mode: Mode) -> Variable {
        let y = first(x, mode: mode).relu()
        return x + (second?(y, mode: mode) ?? y)
    }
}

private class Base: Layer {
    let inner = Dense(3, 2)
    func callAsFunction(_ x: Variable, mode: Mode) -> Variable { inner(x, mode: mode) }
}

private final class Derived: Base {
    let extra = Parameter(shape: [2], .constant(3))
}

private struct Pair: Layer {
    let encoder = Sequential(seed: 1) { Dense(2, 2) }, decoder = Sequential(seed: 2) { Dense(2, 2) }
    func callAsFunction(_ x: Variable, mode: Mode) -> Variable { decoder(encoder(x, mode: mode), mode: mode) }
}

/// What a normalization does with its statistics.
private struct Counting: Layer {
    let count = Buffer(Tensor([0]))
    func callAsFunction(_ x: Variable, mode: Mode) -> Variable {
        if mode != .inference { count.propose(on: x.tape) { $0 + 1 } }
        return x
    }
}

@Suite struct ModelTests {
    static let training = Mode.training(RandomStream(seed: 5, step: 2))

    @Test func namesAndShapesFollowFromThePlace() {
        let model = Sequential(seed: 1) {
            Dense(5, 7)
            Activation.tanh
            Sequential {
                Dense(7, 4, bias: false)
                Residual(4)
            }
            if Bool(true) { Dropout(0.2) }
            for size in 2...3 { Dense(size + 2, size + 3) }
        }
        #expect(
            model.parameters.map { "\($0.name) \($0.shape)" } == [
                "0.weight [7, 5]", "0.bias [7]", "2.0.weight [4, 7]", "2.1.first.weight [4, 4]", "2.1.first.bias [4]",
                "2.1.second.weight [4, 4]", "2.1.scales.0 [2]", "2.1.scales.1 [2, 3]", "2.1.table.a [4]",
                "2.1.table.b [1]", "4.weight [5, 4]", "4.bias [5]", "5.weight [6, 5]", "5.bias [6]",
            ])
        #expect(model.parameterCount == 42 + 28 + 20 + 16 + 2 + 6 + 5 + 25 + 36)
        #expect(model.parameters[6].value == Tensor([0.5, 2]))
    }

    @Test func layersMadeAlikeStartDifferently() {
        func model(_ seed: UInt64, threads: Int = 1) -> Sequential {
            Sequential(seed: seed, in: ComputeContext(threads: threads)) {
                for _ in 0..<3 { Dense(130, 130) }
                Sequential { Dense(130, 130) }
            }
        }
        let weights = model(1).weights.filter { $0.name.hasSuffix("weight") }.map(\.tensor)
        #expect(weights.count == 4 && Set(weights.map(\.values)).count == 4)
        for pair in zip(weights, weights.dropFirst()) {
            let products = zip(pair.0.values, pair.1.values).map { Double($0) * Double($1) }
            let squares = weights[0].values.map { Double($0) * Double($0) }
            #expect(abs(products.reduce(0, +)) < 0.03 * squares.reduce(0, +))  // not a shift of one another either
        }
        #expect(model(1, threads: 2).weights == model(1).weights)
        #expect(model(2).weights != model(1).weights)
    }

    /// What comes before a layer does not change how it starts: its name does.
    @Test func aLayerStartsByItsNameAlone() {
        let one = Sequential(seed: 3) {
            Dense(5, 4); Dense(4, 3)
        }
        let other = Sequential(seed: 3) {
            Dense(9, 4); Dense(4, 3)
        }
        #expect(one.weights["1.weight"] == other.weights["1.weight"])
        #expect(one.weights["0.weight"] != one.weights["1.weight"])
    }

    @Test func aLayerOfOnesOwnCanBeTheModel() {
        let model = Residual(3, deep: false)
        model.initialize(seed: 1)
        #expect(
            model.parameters.map(\.name)
                == ["first.weight", "first.bias", "scales.0", "scales.1", "table.a", "table.b"])
        let derived = Derived()
        derived.initialize(seed: 2)
        #expect(derived.parameters.map(\.name) == ["inner.weight", "inner.bias", "extra"])
    }

    /// Two dropouts in one model draw different masks, and each is that of its step.
    @Test func dropoutsDrawNumbersOfTheirOwn() {
        let context = ComputeContext(threads: 1), ones = Tensor(repeating: 1, shape: [40, 50])
        let model = Sequential(seed: 1, in: context) {
            Dropout(0.5); Dropout(0.5)
        }
        func masked(_ layer: any Layer, _ mode: Mode) -> Tensor {
            layer(Tape(in: context).constant(ones), mode: mode).value
        }
        let masks = model.layers.map { masked($0, Self.training) }
        #expect(masks[0] != masks[1])
        #expect(masked(model.layers[0], Self.training) == masks[0])
        #expect(masked(model.layers[0], .training(RandomStream(seed: 5, step: 3))) != masks[0])
        #expect(masked(model, .inference) == ones)
    }

    /// The network of the README in small, against naive arithmetic in Double.
    @Test func valuesAndGradientsAgreeWithTheOracle() {
        let context = ComputeContext(threads: 2)
        let model = Sequential(seed: 4, in: context) {
            Dense(5, 7); Activation.tanh; Dense(7, 3)
        }
        for bias in model.parameters where bias.shape.rank == 1 {
            bias.value = RandomStream(seed: 9).normal(bias.shape, in: context)
        }
        let input = RandomStream(seed: 8).normal([4, 5], in: context), targets = [2, 0, 1, 2]
        var arrays = ["x": ArrayND(shape: [4, 5], floats: input.values)]
        for (name, tensor) in model.weights {
            arrays[name] = ArrayND(shape: tensor.shape.dimensions, floats: tensor.values)
        }
        func logits(_ a: [String: ArrayND]) -> ArrayND {
            let hidden = Oracle.dense(a["x"]!, weight: a["0.weight"]!, bias: a["0.bias"]!).map(Oracle.tanh)
            return Oracle.dense(hidden, weight: a["2.weight"]!, bias: a["2.bias"]!)
        }
        expectValuesMatch(engine: model.predict(input).values, oracle: logits(arrays).values, "logits")
        let tape = Tape(in: context)
        let loss = model(tape.constant(input), mode: Self.training)
            .softmaxCrossEntropy(targets: targets.map(Int32.init))
        let oracle = centralDifferences(at: arrays) { Oracle.crossEntropy(logits($0), targets: targets) }
        let gradients = tape.backward(from: loss)
        for p in model.parameters {
            expectGradientsMatch(engine: gradients[p]!.values, oracle: oracle[p.name]!.values, p.name)
        }
    }

    @Test func buffersChangeWhenAStepIsCommitted() {
        let context = ComputeContext(threads: 1), model = Sequential(seed: 1, in: context) { Counting() }
        let count = model.buffers[0]
        #expect(count.name == "0.count" && model.weights.names == ["0.count"])
        func forward(_ mode: Mode, times: Int = 1) {
            let tape = Tape(in: context)
            for _ in 0..<times { _ = model(tape.constant(Tensor([1])), mode: mode) }
        }
        forward(Self.training)
        #expect(count.value == Tensor([0]))
        forward(Self.training, times: 2)  // the first was not accepted: two calls of one step follow upon one another
        model.commitBuffers()
        #expect(count.value == Tensor([2]))
        forward(.inference)
        model.commitBuffers()
        #expect(count.value == Tensor([2]))
        forward(Self.training)
        count.value = Tensor([9])
        model.commitBuffers()
        #expect(count.value == Tensor([9]))
    }

    @Test func weightsGoOutAndComeInByName() throws {
        func model(_ seed: UInt64) -> Sequential {
            Sequential(seed: seed) {
                Dense(5, 4); Counting(); Dense(4, 3, bias: false)
            }
        }
        let one = model(1), other = model(2)
        one.buffers[0].value = Tensor([7])
        #expect(one.weights.names == ["0.weight", "0.bias", "2.weight", "1.count"])
        try other.load(one.weights)
        #expect(other.weights == one.weights && other.buffers[0].value == Tensor([7]))

        var wrong = NamedTensors(), before = other.weights
        wrong["0.weight"] = Tensor(zeros: [4, 6])
        wrong["2.weight"] = Tensor(zeros: [3, 4])
        wrong["3.weight"] = Tensor(zeros: [1])
        wrong["1.count"] = Tensor([1, 2])
        let error = #expect(throws: WeightsError.self) { try other.load(wrong) }
        #expect(
            "\(try #require(error))"
                == "these weights are not of this model; missing: 0.bias; not in the model: 3.weight; "
                + "0.weight has shape [4, 6], the model [4, 5]; 1.count has shape [2], the model [1]")
        #expect(other.weights == before)
        before["2.weight"] = Tensor(repeating: 3, shape: [3, 4])
        try other.load(before)
        #expect(other.weights["2.weight"] == Tensor(repeating: 3, shape: [3, 4]))
    }

    /// Two models side by side, each with its own names: saved by name, one would take the place of the other.
    @Test func weightsThatShareANameStopTheProgram() async {
        let saved = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Pair().weights
        }
        expectMessage("share a name: [\"0.bias\", \"0.weight\"]", from: saved)
        let loaded = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Pair().load(Sequential(seed: 1) { Dense(2, 2) }.weights)
        }
        expectMessage("share a name: [\"0.bias\", \"0.weight\"]", from: loaded)
    }

    @Test func aLayerTwiceOrInTwoModelsStopsTheProgram() async {
        let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let layer = Dense(4, 4)
            _ = Sequential(seed: 1) {
                layer; Activation.relu; layer
            }
        }
        expectMessage("the same layer stands twice in this model: 2.weight is 0.weight", from: twice)
        let noise = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let layer = Dropout(0.5)
            _ = Sequential(seed: 1) {
                layer; layer
            }
        }
        expectMessage("the same layer stands twice in this model", from: noise)
        let models = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let model = Sequential(seed: 1) { Dense(4, 4) }
            _ = Sequential(seed: 2) {
                model; Dense(4, 4)
            }
        }
        expectMessage("the parameter 0.0.weight is in a model already, as 0.weight", from: models)
        let dropouts = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let model = Sequential(seed: 1) { Dropout(0.5) }
            _ = Sequential(seed: 2) { model }
        }
        expectMessage("in another model already", from: dropouts)
    }

    @Test func aLayerInNoModelStopsTheProgram() async {
        let parameter = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Sequential { Dense(4, 4) }.predict(Tensor(zeros: [2, 4]))
        }
        expectMessage("has no value yet: its layer is in no model. Put the layer into", from: parameter)
        let noise = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let tape = Tape(in: ComputeContext(threads: 1))
            _ = Dropout(0.5)(tape.constant(Tensor(zeros: [2, 4])), mode: .training(RandomStream(seed: 1)))
        }
        expectMessage("a layer that draws random numbers is in no model", from: noise)
    }
}
