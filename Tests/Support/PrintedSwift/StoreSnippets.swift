import Jacquard

// The Swift of CheckpointStore.md, word for word, a function for each piece.

func storeSnippet1() throws {
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readOnly)
    for run in try store.runs() { print(run.name, run.kind, run.status) }
    let houses = try store.run(named: "houses")
    for checkpoint in try store.checkpoints(of: houses.id) { print(checkpoint.step, checkpoint.validationLoss ?? .nan) }
    for (name, tensor) in try store.weights(of: "houses") { print(name, tensor.shape) }
}
