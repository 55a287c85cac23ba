import Jacquard

// The Swift of EncodingPictures.md, word for word, a function for each piece.

func pictureSnippet1() throws {
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readWrite)
    var options = PictureOptions()
    options.code = 16
    options.epochs = 2
    let faces = try PictureModel.train(on: ["faces"], options: options, store: store, name: "faces")
    print(faces.pictureShape, faces.codeSize, faces.validationLoss ?? .nan)
}

func pictureSnippet2() throws {
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readOnly)
    let faces = try PictureModel.open("faces", store: store)
    let encoded = try faces.encode(["faces"])
    for near in try faces.nearest(to: "faces/anna.png", among: encoded, count: 3) { print(near) }
    let worst = try faces.reconstructionErrors(["faces"]).max { $0.error < $1.error }
    print(worst?.name ?? "no pictures")
}

func pictureSnippet3() throws {
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readOnly)
    let faces = try PictureModel.open("faces", store: store)
    let pictures = try faces.read(["faces"])
    let codes = faces.encode(pictures)
    try faces.write(faces.decode(codes), to: "decoded.png")
    try faces.write(try faces.sample(9, from: faces.encode(["faces"]), seed: 1), to: "new.png")
}
