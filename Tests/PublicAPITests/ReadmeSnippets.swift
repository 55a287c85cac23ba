import Autoencoders
import Checkpoints
import Images
import LanguageModels
import TensorCore
import TrainingRuns

// The README's Swift, word for word, as functions: this target sees public declarations only, and compiles it.

func languageModels() throws {
    let context = ComputeContext()
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readWrite)
    let corpus = try PreparedCorpus.read(["poems.txt"])
    let plan = try LanguageModelPlan.plan(for: corpus.summary, options: LanguageModelOptions())
    let session = try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: context)
    _ = try session.train(onEvent: { print($0) })

    let saved = try SavedLanguageModel.load(.newestWithBest, from: store, in: context)
    var text = TextGenerator(
        model: saved.model, vocabulary: saved.vocabulary, options: SamplingOptions(), seed: 1, index: 0, in: context)
    while let piece = text.next() { print(piece, terminator: "") }
}

func autoencoders() throws {
    let context = ComputeContext()
    let store = try CheckpointStore.open(at: "models.sqlite", access: .readWrite)
    let selection = PictureSelection(paths: ["faces"])
    if let pictures = try PreparedPictures.read(selection, in: context, components: { _ in 32 }) {
        let plan = try AutoencoderPlan.plan(for: pictures.summary, options: AutoencoderOptions())
        _ = try AutoencoderTraining(plan: plan, pictures: pictures, store: store, in: context).train()

        let saved = try SavedAutoencoder.load(.newestWithBest, from: store, in: context)
        let batch = try pictures.validation.batch(pictures.validationIndices)
        let codes = saved.encode(batch.tensor(), in: context)  // [N, C, H, W] in 0...1 to [N, K]
        let back = saved.decode(codes, in: context)
        print(codes.shape, back.shape)
    }
}
