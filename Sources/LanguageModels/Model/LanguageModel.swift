package import Autodiff
package import Kernels
import LayerEngines
package import Layers
import Requirements
package import TensorCore
package import TrainingRuns

/// A recurrent language model: unit ids in, logits for the next unit out.
///
/// one-hot or embedding → stack of recurrent layers, each with an optional output projection and followed by dropout
/// → dense layer to V logits. Parameter names: `embedding.weight`, `layers.0.cell.weight_ih_l0`, …,
/// `layers.0.projection.weight`, `head.weight`, `head.bias`.
package struct LanguageModel {
    package let configuration: LanguageModelConfiguration
    /// What the model's weights and states are rounded to where it writes and scores; training knows nothing of it.
    package var precision = WritingPrecision.single
    private let bytes = LatestValue<[Int], ByteWeights>()
    private let embedding: Embedding?
    private let layers: [StackedLayer]
    private let head: Dense

    /// Weights start as PyTorch's do: uniform in ±1/√H for recurrent and dense layers, standard normal for an
    /// embedding; biases at 0, the LSTM forget gate's too. A function of the seed only.
    package init(_ configuration: LanguageModelConfiguration, seed: UInt64, in context: ComputeContext) {
        self.init(configuration, seed: seed, weights: nil, in: context)
    }

    /// With stored weights.
    /// - Throws: ``RunError/damagedCheckpoint(_:)`` naming a tensor that is missing or has another shape.
    package init(
        _ configuration: LanguageModelConfiguration, weights: NamedTensors, in context: ComputeContext
    ) throws(RunError) {
        // Numbers that would be drawn only to be replaced cost as much time as to read those.
        self.init(configuration, seed: 0, weights: .constant(0), in: context)
        try load(weights)
    }

    /// - Parameter weights: how all matrices start, where not as said above.
    private init(
        _ configuration: LanguageModelConfiguration, seed: UInt64, weights: Initializer?, in context: ComputeContext
    ) {
        self.configuration = configuration
        func stream(_ number: Int) -> RandomStream { RandomStream(seed: seed, stream: 0x1000 + UInt64(number)) }
        embedding =
            configuration.embedding == 0
            ? nil
            : Embedding(
                "embedding", count: configuration.classes, size: configuration.embedding,
                weights: weights ?? .normal(deviation: 1), from: stream(0), in: context)
        var inputs = configuration.embedding == 0 ? configuration.classes : configuration.embedding
        layers = configuration.stack.enumerated().map { index, layer in
            defer { inputs = layer.outputs }
            return StackedLayer(
                layer, index: index, inputs: inputs, dropout: configuration.dropout, initializer: weights,
                weights: stream(2 * index + 1), projection: stream(2 * index + 2), in: context)
        }
        head = Dense(
            "head", inputs: inputs, outputs: configuration.classes,
            weights: weights ?? .uniform(bound: 1 / Float(inputs).squareRoot()), from: stream(0xfff), in: context)
    }

    package var parameters: [Parameter] {
        (embedding?.parameters ?? []) + layers.flatMap(\.parameters) + head.parameters
    }

    /// Logits for a window.
    /// - Parameters:
    ///   - inputs: T N ids, time-major, T and N at least 1.
    ///   - state: of N lanes.
    ///   - precision: of the products of the recurrent layers, here and in the backward pass. The dense layers are
    ///     computed in single precision, and so is a layer that has no kernel of its own.
    /// - Returns: logits [T, N, V] and the state after the last step, cut off from the tape.
    package func callAsFunction(
        _ inputs: [Int32], state: LanguageModelState, mode: Mode, precision: ProductPrecision = .single, on tape: Tape
    ) -> (logits: Variable, state: LanguageModelState) {
        require(
            state.layers.count == layers.count, "a state of \(state.layers.count) layers for a model of \(layers.count)"
        )
        let lanes = state.layers[0].h.shape[0]
        require(
            lanes > 0 && !inputs.isEmpty && inputs.count % lanes == 0,
            "\(inputs.count) ids for \(lanes) lanes: a window has at least one step, and in each an id for every lane")
        let steps = inputs.count / lanes
        var input: RecurrentLayer.Input
        if let embedding {
            // A product with the whole table costs V rows, one with the gathered rows T N.
            input =
                configuration.classes < inputs.count && layers[0].isFused
                ? .rows(inputs, of: tape(embedding.weight), batch: lanes)
                : .sequence(embedding(inputs, shape: [steps, lanes], on: tape))
        } else {
            input = .oneHot(inputs, batch: lanes)
        }
        var after: [LanguageModelState.Layer] = []
        for (layer, before) in zip(layers, state.layers) {
            let (output, next) = layer(input, state: before, mode: mode, precision: precision, on: tape)
            after.append(next)
            input = output
        }
        return (logits(of: input), LanguageModelState(layers: after))
    }

    private func logits(of output: RecurrentLayer.Input) -> Variable {
        switch output {
        case .grouped(let x): head(x)
        case .sequence(let x): head(x)
        case .oneHot, .rows: fatalError("a model without layers")
        }
    }

    /// The model advanced one unit at a time, in its precision; nil where it is single and a layer has a projection or no
    /// kernel of its own.
    func stepped(lanes: Int, in context: ComputeContext) -> (any RecurrentStepper)? {
        if precision == .int8 {
            return ByteStack(byteWeights(in: context), batch: lanes, in: context)
        }
        let stack = layers.compactMap(\.steppable)
        guard stack.count == layers.count else { return nil }
        return SteppedStack(
            stack, source: embedding.map { .rows(of: $0.weight.value) } ?? .oneHot, head: head, batch: lanes,
            in: context)
    }

    private func byteWeights(in context: ComputeContext) -> ByteWeights {
        bytes.value(for: parameters.map(\.version)) {
            var below: Dense?
            let stack = layers.enumerated().map { index, layer in
                defer { below = layer.projection }
                let columns = index == 0 ? layer.columns(of: embedding?.weight.value, in: context) : nil
                return layer.bytes(gathering: columns, below: below, in: context)
            }
            let bias = head.bias?.value ?? Tensor(zeros: [configuration.classes])
            let (weight, sum) =
                below.map { $0.composed(before: head.weight.value, bias, in: context) } ?? (head.weight.value, bias)
            return ByteWeights(stack, head: ByteHead(weight: weight, bias: sum, in: context))
        }
    }

    /// Sets the weights to stored ones, by name.
    /// - Throws: ``RunError/damagedCheckpoint(_:)`` naming a tensor that is missing or has another shape.
    package func load(_ tensors: NamedTensors) throws(RunError) {
        for parameter in parameters { try parameter.load(from: tensors) }
    }

    /// The weights by name.
    package var weights: NamedTensors { NamedTensors(parameters.map { ($0.name, $0.value) }) }
}
