import Jacquard

// The Swift of documentation comments that stands nowhere else, word for word: compiled, and not run. What a piece takes for
// granted is a parameter.

func textModelComment() throws {
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readWrite)
    let poet = try TextModel.train(on: ["poems.txt"], store: store)
    print(try poet.write(length: 300, temperature: 0.8, seed: 1))
    print(try poet.score("The same model reads.").bitsPerCharacter)
}

@concurrent func poetTrained(onText text: String) async throws -> sending TextModel {
    try TextModel.train(onText: text)
}

/// How such a function is used, and the other way.
actor PoetComment {
    private var poet: TextModel?

    func write(text: String) async throws -> String? {
        poet = try await poetTrained(onText: text)
        return try poet?.write(length: 80)
    }
}

func pictureModelComment() throws {
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readWrite)
    let faces = try PictureModel.train(on: ["faces"], store: store)
    let encoded = try faces.encode(["faces"])
    for near in try faces.nearest(to: "faces/anna.jpg", among: encoded, count: 5) { print(near) }
}

func storedWeightsComment(model: Sequential, store: CheckpointStore) throws {
    try model.load(store.weights(of: "digits"))
}

func lossComment() -> Loss {
    let relative = Loss("relative error") { prediction, targets in
        guard case .values(let values) = targets else { fatalError("numbers are due") }
        let target = prediction.tape.constant(values)
        return ((prediction - target) / (target + 1)).squared().mean()
    }
    return relative
}

func metricComment() -> Metric {
    let within = Metric("within 0.1") { answers, targets in
        guard case .values(let values) = targets else { fatalError("numbers are due") }
        let close = zip(answers.values, values.values).count { abs($0 - $1) < 0.1 }
        return [Double(close), Double(answers.count)]
    } result: {
        $0[0] / $0[1]
    }
    return within
}

func standardizationComment(houses: Dataset, trainer: Trainer) throws {
    let (training, heldOut) = houses.split(heldOut: 500)
    let scale = try Standardization(fittedTo: training)
    try trainer.fit(
        training.standardized(by: scale), batch: 32, epochs: 50, validation: heldOut.standardized(by: scale))
}

func tensorComment() -> Tensor {
    var x = Tensor([[1, 2, 3], [4, 5, 6]])  // shape [2, 3]
    x[1, 2] = 7
    let y = 2 * x + Tensor(repeating: 1, shape: [2, 3])
    return y
}

func contextComment() -> Sequential {
    let context = ComputeContext(threads: 4)
    let model = Sequential(seed: 1, in: context) { Dense(784, 10) }
    return model
}

func layerComment() -> any Layer {
    struct Residual: Layer {
        let first = Dense(64, 64), second = Dense(64, 64)
        func callAsFunction(_ x: Variable, mode: Mode) -> Variable {
            x + second(first(x, mode: mode).relu(), mode: mode)
        }
    }
    return Residual()
}

func partOfWeightsComment(model: Sequential, trained: NamedTensors) throws {
    var weights = model.weights
    for (name, tensor) in trained where name.hasPrefix("0.") { weights[name] = tensor }
    try model.load(weights)
}

func optimizerComment(model: Sequential) -> Trainer {
    Trainer(model, loss: .squaredError, optimizer: .adam(rate: 0.001))
}

func optimizerStateComment(model: Sequential, windows: [(Tensor, [Int32])], context: ComputeContext) {
    var state = OptimizerState(.adagrad(rate: 0.01), for: model.parameters, clipValue: 2)
    for (inputs, labels) in windows {
        let tape = Tape(in: context)
        let loss = model(tape.constant(inputs)).softmaxCrossEntropy(targets: labels)
        state.update(along: tape.backward(from: loss))
    }
}

func tapeComment(model: Sequential, x: Tensor, y: Tensor, context: ComputeContext) -> Gradients {
    let tape = Tape(in: context)
    let loss = model(tape.constant(x), mode: .inference).squaredError(to: y)
    let gradients = tape.backward(from: loss)
    return gradients
}
