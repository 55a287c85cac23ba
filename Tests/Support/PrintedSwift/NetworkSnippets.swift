import Jacquard

// The Swift of Networks.md, word for word, a function for each piece.

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
