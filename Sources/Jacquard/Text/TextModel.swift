public import Checkpoints
import LanguageModels
public import TensorCore
import TextCorpora
import TrainingRuns

/// A character-level language model: it learns to write from a text, writes, and says how likely another text is.
///
///     let store = try CheckpointStore.open(at: "models.sqlite", access: .readWrite)
///     let poet = try TextModel.train(on: ["poems.txt"], store: store)
///     print(poet.write(length: 300, temperature: 0.8, seed: 1))
///     print(try poet.score("The same model reads.").bitsPerCharacter)
///
/// Every model belongs to a run in a store, under a name, where `charnn` finds it too.
public struct TextModel {
    let saved: SavedLanguageModel
    let context: ComputeContext
    /// Whether training came to its end; false if `shouldStop` ended it: ``resume(_:store:in:onProgress:shouldStop:)``.
    public let isFinished: Bool

    /// The run's name in the store.
    public var name: String { saved.run.name }
    /// The characters that the model can write, each once.
    public var characters: [String] {
        (0..<Int32(saved.vocabulary.table.count)).map {
            String(decoding: saved.vocabulary.bytes(of: $0), as: UTF8.self)
        }
    }
    /// Numbers that training has fitted.
    public var parameterCount: Int { saved.model.parameters.reduce(0) { $0 + $1.value.count } }
    /// Nats per character over the held-out part of the text; nil if nothing was held out.
    public var validationLoss: Double? { saved.validationLoss }

    /// Trains a model on a text and stores it. The last tenth of the text is held out; the weights that do best there are
    /// the model.
    /// - Parameters:
    ///   - paths: files, folders with all that is in them, and .gz files, in any encoding.
    ///   - options: what does not follow from the text.
    ///   - store: open for writing.
    ///   - name: of the run; nil: made from the file's name.
    ///   - context: the threads that compute. Bits do not depend on their number.
    ///   - onProgress: called after every step, on this thread.
    ///   - shouldStop: asked after every step; true saves and ends training.
    /// - Throws: ``ModelError``, `StoreError`.
    public static func train(
        on paths: [String], options: TextOptions = TextOptions(), store: CheckpointStore, name: String? = nil,
        in context: ComputeContext = ComputeContext(), onProgress: (ModelProgress) -> Void = { _ in },
        shouldStop: () -> Bool = { false }
    ) throws -> TextModel {
        try ModelError.translating {
            let planned = options.planned
            try planned.validate()
            let corpus = try PreparedCorpus.read(
                paths, reading: ReadingOptions(encoding: options.encoding), options: planned)
            let training = try LanguageModelTraining(
                plan: LanguageModelPlan.plan(for: corpus.summary, options: planned), corpus: corpus, store: store,
                name: name,
                in: context)
            return try finish(training, in: context, shouldStop, onProgress)
        }
    }

    /// Goes on with a run that was stopped, bit for bit as if it had never been. Its text must still be where it was.
    /// - Throws: ``ModelError``, `StoreError`.
    public static func resume(
        _ name: String, store: CheckpointStore, in context: ComputeContext = ComputeContext(),
        onProgress: (ModelProgress) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) throws -> TextModel {
        try ModelError.translating {
            let training = try LanguageModelTraining.resume(.named(name), store: store, in: context)
            return try finish(training, in: context, shouldStop, onProgress)
        }
    }

    /// A model that was trained before, here or by `charnn`.
    /// - Parameters:
    ///   - name: of its run; nil: the newest that has a best checkpoint.
    ///   - store: where it is; to read is enough.
    ///   - context: the threads that compute.
    /// - Throws: ``ModelError``, `StoreError`.
    public static func open(
        _ name: String? = nil, store: CheckpointStore, in context: ComputeContext = ComputeContext()
    ) throws -> TextModel {
        try ModelError.translating {
            let saved = try SavedLanguageModel.load(
                name.map { .named($0) } ?? .newestWithBest, from: store, in: context)
            return TextModel(saved: saved, context: context, isFinished: saved.run.status == .finished)
        }
    }

    private static func finish(
        _ training: LanguageModelTraining, in context: ComputeContext, _ shouldStop: () -> Bool,
        _ onProgress: (ModelProgress) -> Void
    ) throws -> TextModel {
        let isFinished = try training.runToEnd(shouldStop, onProgress)
        let saved = try SavedLanguageModel.load(.named(training.run.name), from: training.store, in: context)
        return TextModel(saved: saved, context: context, isFinished: isFinished)
    }
}
