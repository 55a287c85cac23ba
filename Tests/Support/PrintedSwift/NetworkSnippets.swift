import Jacquard

// The Swift of NetworksOfYourOwn.md, word for word, a function for each piece.

func networkSnippet1() throws {
    let digits = try Dataset(idxImages: "t10k-images-idx3-ubyte.gz", labels: "t10k-labels-idx1-ubyte.gz")
    let (training, heldOut) = digits.split(heldOut: 1_000)
    let model = Sequential(seed: 1) {
        Dense(784, 89)
        Activation.tanh
        Dropout(0.2)
        Dense(89, 10)
    }
    let trainer = Trainer(
        model, loss: .softmaxCrossEntropy, optimizer: .momentum(rate: 0.1, momentum: 0.9), metrics: [.accuracy])
    try trainer.fit(training, batch: 60, epochs: 25, validation: heldOut)
    print(try trainer.evaluate(heldOut))
}

func networkSnippet2() throws {
    let houses = try Dataset(csv: "houses.csv", targets: ["price"])
    let (training, heldOut) = houses.split(heldOutShare: 0.2, seed: 3)
    let scale = try Standardization(fittedTo: training)
    let model = Sequential(seed: 1) {
        Dense(2, 16)
        Activation.tanh
        Dense(16, 1)
    }
    let trainer = Trainer(model, loss: .squaredError, optimizer: .adam(rate: 0.01), metrics: [.rSquared])
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readWrite)
    try trainer.fit(
        training.standardized(by: scale), batch: 16, epochs: 60, validation: heldOut.standardized(by: scale),
        store: store, name: "houses")
    print(try trainer.evaluate(heldOut.standardized(by: scale)))
}

func networkSnippet3() throws {
    struct Residual: Layer {
        let inside = Dense(32, 32)
        func callAsFunction(_ x: Variable, mode: Mode) -> Variable { x + inside(x, mode: mode).relu() }
    }

    let digits = try Dataset(idxImages: "t10k-images-idx3-ubyte.gz", labels: "t10k-labels-idx1-ubyte.gz").asPictures
    let (training, heldOut) = digits.split(heldOut: 200)
    let model = Sequential(seed: 1) {
        Convolution2D(1, 8, kernel: 3, stride: 2, padding: 1)
        Activation.relu
        MaxPool2D(2)
        Flatten()
        Dense(8 * 7 * 7, 32)
        Residual()
        Dense(32, 10)
    }
    print(model)
    let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adam(rate: 0.003), metrics: [.accuracy])
    try trainer.fit(training, batch: 50, epochs: 2, validation: heldOut)
    print(try trainer.evaluate(heldOut))
}
