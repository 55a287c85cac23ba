import Jacquard

// The Swift of README.md, word for word, a function for each piece.

func readmeSnippet1() throws {
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readWrite)
    let poet = try TextModel.train(on: ["poems.txt"], store: store) { print($0) }
    print(try poet.write(length: 300, temperature: 0.8, seed: 1))
    print(try poet.score("The loom is still.").bitsPerCharacter)

    let faces = try PictureModel.train(on: ["faces"], store: store) { print($0) }
    let encoded = try faces.encode(["faces"])
    print(try faces.nearest(to: "faces/anna.png", among: encoded, count: 3))
}
