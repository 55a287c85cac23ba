import Autodiff
import Layers
import Kernels
import LanguageModels
import TensorCore
import TestSupport
import Testing
import TextCorpora
import Training

/// The language model as a whole against PyTorch's numbers.
@Suite struct PyTorchTests {
    static func name(_ ours: String) -> String {
        // layers.1.cell.weight_ih_l0 is PyTorch's lstm.weight_ih_l1.
        let parts = ours.split(separator: ".")
        guard parts.count == 4, parts[0] == "layers", parts[2] == "cell" else { return ours }
        return "lstm.\(parts[3].dropLast())\(parts[1])"
    }

    static func load(_ fixture: Fixture, in context: ComputeContext) throws -> LanguageModel {
        let table = try fixture["embedding.weight"].shape, hidden = try fixture["head.weight"].shape[1]
        let model = LanguageModel(
            LanguageModelConfiguration(
                classes: table[0], embedding: table[1],
                stack: [.init(.lstm, hidden: hidden), .init(.lstm, hidden: hidden)],
                dropout: 0), seed: 1, in: context)
        for parameter in model.parameters {
            let stored = try fixture[name(parameter.name)]
            parameter.value = Tensor(stored.floats, shape: Shape(stored.shape))
        }
        return model
    }

    static func state(_ fixture: Fixture, _ model: LanguageModel) throws -> LanguageModelState {
        let h = try fixture["h0"], c = try fixture["c0"]
        var named = NamedTensors()
        for layer in 0..<h.shape[0] {
            named["h\(layer)"] = Tensor(h.part(layer).floats, shape: Shape(h.part(layer).shape))
            named["c\(layer)"] = Tensor(c.part(layer).floats, shape: Shape(c.part(layer).shape))
        }
        return try LanguageModelState(named: named, configuration: model.configuration, lanes: h.shape[1])
    }

    static func batch(_ inputs: ArrayND, _ targets: ArrayND) -> TokenBatch {
        TokenBatch(
            steps: inputs.shape[0], lanes: inputs.shape[1], inputs: inputs.integers.map(Int32.init),
            targets: targets.integers.map(Int32.init), resetsState: false)
    }

    @Test(arguments: [1, 3]) func oneStepOfAdamWithClipping(threads: Int) throws {
        let fixture = try Fixture.load("language_model_step"), context = ComputeContext(threads: threads)
        let model = try Self.load(fixture, in: context)
        let trainer = LanguageModelStep(
            model: model, clipping: GradientClipping(maximumNorm: 1), seed: 1, context: context)
        let found = trainer.gradients(
            Self.batch(try fixture["tokens"], try fixture["targets"]), state: try Self.state(fixture, model), step: 0)
        expectMatch([found.loss], [try fixture["loss"].scalar], "loss", tolerance: 1e-6)
        expectMatch([found.clip.norm], [try fixture["gradient_norm"].scalar], "norm", tolerance: 1e-6)
        for (name, gradient) in found.tensors {
            expectGradientsMatch(
                engine: gradient.values, oracle: try fixture.gradient(of: Self.name(name)).values, name)
        }
        for layer in 0..<2 {
            expectValuesMatch(
                engine: found.state.layers[layer].h.values, oracle: try fixture["hn"].part(layer).values, "hn")
            expectValuesMatch(
                engine: try #require(found.state.layers[layer].c).values, oracle: try fixture["cn"].part(layer).values,
                "cn")
        }
        var adam = OptimizerConfiguration(.adam).makeOptimizer()
        adam.update(
            model.parameters, along: found.tensors, rate: Float(try fixture["learning_rate"].scalar),
            scale: found.clip.scale, in: context)
        for parameter in model.parameters {
            expectValuesMatch(
                engine: parameter.value.values, oracle: try fixture["\(Self.name(parameter.name)).after"].values,
                parameter.name, tolerance: 1e-5)
        }
    }

    @Test func tenStepsOfAdamWWithCarriedState() throws {
        let fixture = try Fixture.load("language_model_training"), context = ComputeContext(threads: 2)
        let model = try Self.load(fixture, in: context), tokens = try fixture["tokens"]
        let losses = try fixture["losses"].values, norms = try fixture["gradient_norms"].values
        let lanes = tokens.shape[1], window = (tokens.shape[0] - 1) / losses.count
        let trainer = LanguageModelStep(
            model: model, clipping: GradientClipping(maximumNorm: 1), seed: 1, context: context)
        let decay = WeightDecay(Float(try fixture["weight_decay"].scalar), scope: .all)
        var optimizer = OptimizerConfiguration(.adamw, weightDecay: decay).makeOptimizer()
        var state = LanguageModelState(zerosFor: model.configuration, lanes: lanes)
        for step in losses.indices {
            let first = step * window
            let batch = Self.batch(
                tokens.parts(first..<first + window), tokens.parts(first + 1..<first + window + 1))
            let found = trainer.gradients(batch, state: state, step: step)
            expectMatch([found.loss], [losses[step]], "loss of step \(step)", tolerance: 2e-5)
            expectMatch([found.clip.norm], [norms[step]], "norm of step \(step)", tolerance: 2e-4)
            optimizer.update(
                model.parameters, along: found.tensors, rate: Float(try fixture["learning_rate"].scalar),
                scale: found.clip.scale, in: context)
            state = found.state
        }
        for parameter in model.parameters {
            expectValuesMatch(
                engine: parameter.value.values, oracle: try fixture["\(Self.name(parameter.name)).after"].values,
                parameter.name, tolerance: 2e-3)
        }
        expectValuesMatch(
            engine: state.layers[1].h.values, oracle: try fixture["hn"].part(1).values, "hn", tolerance: 1e-3)
    }

    /// The layers of a mixed stack with PyTorch's dropout masks put between them.
    @Test func mixedStackWithProjection() throws {
        let fixture = try Fixture.load("stack"), context = ComputeContext(threads: 2)
        let input = try fixture["input"], lanes = input.shape[1], keep = try fixture["keep"].scalar
        let kinds = try LayerSpecification.parse("rnn:8:6,gru:7,lstm:9")
        let tape = Tape(in: context)
        func constant(_ array: ArrayND) -> Variable { tape.constant(Tensor(array.floats, shape: Shape(array.shape))) }
        var x = constant(input), inputs = input.shape[2]
        for (index, kind) in kinds.enumerated() {
            let layer = StackedLayer(
                kind, index: index, inputs: inputs, dropout: 0, weights: RandomStream(seed: 1),
                projection: RandomStream(seed: 2), in: context)
            for parameter in layer.parameters {
                let stored = try fixture[parameter.name]
                parameter.value = Tensor(stored.floats, shape: Shape(stored.shape))
            }
            func start(_ name: String) throws -> Tensor {
                Tensor(try fixture[name].floats, shape: [lanes, kind.hidden])
            }
            let state = LanguageModelState.Layer(
                h: try start("h0_l\(index)"), c: kind.cell == .lstm ? try start("c0_l\(index)") : nil)
            let (y, after) = layer(.sequence(x), state: state, mode: .inference, precision: .single, on: tape)
            expectValuesMatch(engine: after.h.values, oracle: try fixture["hn_l\(index)"].values, "hn of \(kind)")
            let mask = try fixture["mask_\(index)"]
            x = try #require(y.rows) * constant(ArrayND(shape: mask.shape, values: mask.values.map { $0 / keep }))
            inputs = kind.outputs
        }
        let shape = try fixture["head.weight"].shape
        let head = Dense("head", inputs: shape[1], outputs: shape[0], from: RandomStream(seed: 1), in: context)
        for parameter in head.parameters {
            let stored = try fixture[parameter.name]
            parameter.value = Tensor(stored.floats, shape: Shape(stored.shape))
        }
        expectValuesMatch(engine: head(x).value.values, oracle: try fixture["output"].values, "output")
    }
}
