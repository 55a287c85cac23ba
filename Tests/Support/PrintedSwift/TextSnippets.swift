import Jacquard

// The Swift of WritingText.md, word for word, a function for each piece.

func textSnippet1() throws {
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readWrite)
    var options = TextOptions()
    options.hidden = 64
    options.epochs = 2
    let poet = try TextModel.train(on: ["poems.txt"], options: options, store: store, name: "poet") { progress in
        if progress.step % 50 == 0 { print(progress) }
    }
    print(poet.name, poet.parameterCount, poet.validationLoss ?? .nan)
}

func textSnippet2() throws {
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readWrite)
    let poet = try TextModel.open("poet", store: store)
    var options = TextOptions()
    options.epochs = 2
    let letters = try TextModel.train(on: ["letters.txt"], from: poet, options: options, store: store, name: "letters")
    print(letters.characters.count, "characters,", poet.characters.count, "before")
}

func textSnippet3() throws {
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readOnly)
    let poet = try TextModel.open("poet", store: store)
    print(try poet.write(after: "The loom", length: 200, temperature: 0.7, seed: 3))
    for piece in try poet.stream(length: 80, seed: 4) { print(piece, terminator: "") }
}

func textSnippet4() throws {
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readOnly)
    let poet = try TextModel.open(store: store)
    for line in ["The shuttle is still.", "xqzj kkw"] {
        print(line, try poet.score(line).bitsPerByte)
    }
}
