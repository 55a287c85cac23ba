import Jacquard

// The Swift of README.md, word for word, a function for each piece.

func readmeSnippet1() throws {
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
    print(try trainer.evaluate(heldOut))  // loss 0.16, accuracy 0.958, after a second or two
}

func readmeSnippet2() throws {
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readWrite)
    let poet = try TextModel.train(on: ["poems.txt"], store: store) { print($0) }
    print(try poet.write(length: 300, temperature: 0.8, seed: 1))
    print(try poet.score("The loom is still.").bitsPerCharacter)

    let faces = try PictureModel.train(on: ["faces"], store: store) { print($0) }
    let encoded = try faces.encode(["faces"])
    print(try faces.nearest(to: "faces/anna.png", among: encoded, count: 3))
}
