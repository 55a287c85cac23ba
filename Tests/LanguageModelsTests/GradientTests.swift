import Autodiff
import LanguageModels
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing
import TextCorpora
import Training

/// Gradients of whole models, dropout on, against central differences of the oracle in Double.
@Suite struct GradientTests {
    /// What a model's dropout multiplies the output of a layer by in some step: found by dropping ones.
    static func mask(
        _ model: LanguageModelConfiguration, layer: Int, steps: Int, lanes: Int, step: Int, seed: UInt64,
        in context: ComputeContext
    ) -> ArrayND {
        let shape = [steps, lanes, model.stack[layer].outputs], tape = Tape(in: context, recording: false)
        let random = RandomStream(seed: seed, stream: 0x2000 + UInt64(layer), step: UInt64(step))
        let rate = Float(model.dropout)
        let ones = tape.constant(Tensor(repeating: 1, shape: Shape(shape)))
        func dropped(_ x: Variable) -> Variable { tape(DropoutMask(rate: rate, kept: 1, stream: random), x) }
        // A recurrent layer hands its output over in groups of columns, and that is what is dropped from.
        let isGrouped =
            model.stack[layer].projection == nil && CellKind(rawValue: model.stack[layer].cell.rawValue) != nil
        let mask = isGrouped ? ones.grouped().map(dropped).rows() : dropped(ones)
        return ArrayND(shape: shape, floats: mask.value.values)
    }

    static func loss(
        _ parameters: [String: ArrayND], _ model: LanguageModelConfiguration, _ batch: TokenBatch,
        _ state: LanguageModelState,
        masks: [ArrayND]
    ) -> Double {
        var x: ArrayND
        if model.embedding > 0 {
            x = Oracle.embedding(
                batch.inputs.map(Int.init), shape: [batch.steps, batch.lanes], weight: parameters["embedding.weight"]!)
        } else {
            x = ArrayND(
                shape: [batch.steps, batch.lanes, model.classes],
                floats: batch.oneHotInputs(vocabularyCount: model.classes))
        }
        let layers = model.stack.enumerated().map { index, layer in
            let kind: Oracle.RecurrentKind =
                switch layer.cell {
                case .lstm: .lstm
                case .gru: .gru
                case .rnn: .rnn
                case .gruResetBefore: .gruResetBefore
                }
            let name = "layers.\(index)"
            return Oracle.RecurrentLayer(
                kind, Oracle.RecurrentWeights(parameters, prefix: "\(name).cell."),
                projection: layer.projection.map { _ in
                    (parameters["\(name).projection.weight"]!, parameters["\(name).projection.bias"]!)
                }, dropout: model.dropout > 0 ? (masks[index], 1 - Double(Float(model.dropout))) : nil)
        }
        let initial = state.layers.map { layer in
            func array(_ tensor: Tensor) -> ArrayND { ArrayND(shape: tensor.shape.dimensions, floats: tensor.values) }
            return Oracle.RecurrentState(h: array(layer.h), c: layer.c.map(array))
        }
        x = Oracle.stack(x, initial, layers).output
        let logits = Oracle.dense(x, weight: parameters["head.weight"]!, bias: parameters["head.bias"]!)
        return Oracle.crossEntropy(
            logits.reshaped([batch.steps * batch.lanes, model.classes]), targets: batch.targets.map(Int.init))
    }

    /// Fewer classes than units in the window, so that an embedding goes through the table's product, and more.
    @Test(arguments: [
        ("lstm:5", 0, 4, 0.0), ("lstm:5,gru:6", 3, 4, 0.25), ("rnn:6:4,lstm:5", 3, 19, 0.25), ("gru:7:3", 0, 5, 0.25),
        ("gru-reset-before:5:3,rnn:4", 3, 6, 0.25), ("gru-reset-before:4", 0, 6, 0.0),
    ])
    func equalTheOracles(stack: String, embedding: Int, classes: Int, dropout: Double) throws {
        let context = ComputeContext(threads: 1)
        let shape = try configuration(stack, classes: classes, embedding: embedding, dropout: dropout)
        let model = LanguageModel(shape, seed: 5, in: context), (steps, lanes, step) = (4, 3, 6)
        for (index, parameter) in model.parameters.enumerated() where parameter.value.shape.rank == 1 {
            parameter.value = RandomStream(seed: 9, stream: UInt64(index)).uniform(
                parameter.value.shape, low: -0.5, high: 0.5, in: context)
        }
        func ids(_ factor: Int) -> [Int32] { (0..<steps * lanes).map { Int32($0 * factor % classes) } }
        let batch = TokenBatch(steps: steps, lanes: lanes, inputs: ids(5), targets: ids(7), resetsState: false)
        var state = LanguageModelState(zerosFor: shape, lanes: lanes)
        for index in state.layers.indices {
            let stream = RandomStream(seed: 10, stream: UInt64(index)), size = state.layers[index].h.shape
            state.layers[index].h = stream.uniform(size, low: -1, high: 1, in: context)
            if state.layers[index].c != nil {
                state.layers[index].c = stream.uniform(size, low: -2, high: 1, in: context)
            }
        }
        let trainer = LanguageModelStep(model: model, clipping: GradientClipping(), seed: 4, context: context)
        let found = trainer.gradients(batch, state: state, step: step)
        let masks = shape.stack.indices.map {
            Self.mask(shape, layer: $0, steps: steps, lanes: lanes, step: step, seed: 4, in: context)
        }
        if dropout > 0 { #expect(masks.allSatisfy { $0.values.contains(0) && $0.values.contains(1) }) }
        let parameters = Dictionary(
            uniqueKeysWithValues: model.parameters.map {
                ($0.name, ArrayND(shape: $0.value.shape.dimensions, floats: $0.value.values))
            })
        let expected = Self.loss(parameters, shape, batch, state, masks: masks)
        expectMatch([found.loss], [expected], "loss of \(stack)", tolerance: 1e-6)
        let gradients = centralDifferences(at: parameters) { Self.loss($0, shape, batch, state, masks: masks) }
        for (name, gradient) in found.tensors {
            expectGradientsMatch(
                engine: gradient.values, oracle: try #require(gradients[name]).values, "\(stack) \(name)")
        }
    }
}
