public import Checkpoints
import LanguageModels
public import TensorCore
import TextCorpora
import TrainingRuns

/// A character-level language model: it learns to write from a text, writes, and says how likely another text is.
///
/// ```swift
/// let store = try CheckpointStore.open(at: "models.sqlite", access: .readWrite)
/// let poet = try TextModel.train(on: ["poems.txt"], store: store)
/// print(try poet.write(length: 300, temperature: 0.8, seed: 1))
/// print(try poet.score("The same model reads.").bitsPerCharacter)
/// ```
///
/// A model is used by one task at a time. One that is trained in another task is sent back by who made it, or belongs to an
/// actor:
///
/// ```swift
/// @concurrent func poetTrained(onText text: String) async throws -> sending TextModel {
///     try TextModel.train(onText: text)
/// }
/// ```
///
/// A model belongs to a run in a store, under a name, where `charnn` finds it too; one that was trained by
/// ``train(onText:from:options:in:onProgress:shouldStop:)`` is gone with the program.
public struct TextModel {
    let model: LanguageModel
    let corpus: CorpusRecord
    let context: ComputeContext
    private let plan: LanguageModelPlan
    /// The one whose weights these are.
    private let step: Int
    /// Whether training came to its end; false if `shouldStop` ended it, or a time limit before the epochs that were asked for
    /// besides: ``resume(_:store:at:in:onProgress:shouldStop:)``.
    public let isFinished: Bool

    /// The run's name in the store; `text` of a model that is in none.
    public let name: String
    /// The characters that the model can write, each once.
    public var characters: [String] {
        (0..<Int32(corpus.vocabulary.table.count)).map {
            String(decoding: corpus.vocabulary.bytes(of: $0), as: UTF8.self)
        }
    }
    /// Numbers that training has fitted.
    public var parameterCount: Int { model.parameters.reduce(0) { $0 + $1.value.count } }
    /// Nats per character over the held-out part of the text; nil if nothing was held out.
    public let validationLoss: Double?

    private init(_ saved: SavedLanguageModel, isFinished: Bool, in context: ComputeContext) {
        (model, corpus, name, validationLoss) = (saved.model, saved.corpus, saved.run.name, saved.validationLoss)
        (plan, step) = (saved.plan, saved.step)
        (self.isFinished, self.context) = (isFinished, context)
    }

    /// Trains a model on a text and stores it. A tenth of the text is held out: its end; of a list of short lines, lines from
    /// everywhere; of several files, blocks of each. The weights that do best there are the model.
    /// - Parameters:
    ///   - paths: files, folders with all that is in them, and .gz files, in UTF-8 or the encoding that the options name;
    ///     `-` is a file of that name.
    ///   - start: a model whose weights training begins with (fine-tuning): sizes and units are that model's, the learning
    ///     rate, unless it is given, a third of the usual one. Characters that it does not know begin as in a new model.
    ///     It is left as it is.
    ///   - options: what does not follow from the text.
    ///   - store: open for writing.
    ///   - name: of the run; nil: made from the file's name.
    ///   - context: the threads that compute. Bits do not depend on their number.
    ///   - onProgress: called after every step, on this thread.
    ///   - shouldStop: asked before every step, and within validation; true saves and ends training.
    /// - Throws: ``ModelError``, `StoreError`.
    public static func train(
        on paths: [String], from start: TextModel? = nil, options: TextOptions = TextOptions(), store: CheckpointStore,
        name: String? = nil, in context: ComputeContext = ComputeContext(),
        onProgress: (ModelProgress) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) throws -> TextModel {
        try ModelError.translating {
            let planned = options.planned, start = start?.start, reading = ReadingOptions(encoding: options.encoding)
            try planned.validate()
            try start?.check(planned)
            let corpus = try PreparedCorpus.read(
                paths.map(Self.file), reading: start?.reading(reading) ?? reading, options: planned)
            let plan = try LanguageModelPlan.plan(for: corpus.summary, options: planned, startingFrom: start)
            let training = try LanguageModelTraining(
                plan: plan, corpus: corpus, store: store, name: name,
                weights: start?.transfer(to: corpus.vocabulary, plan: plan, in: context).weights, in: context)
            return try finish(training, in: context, shouldStop, onProgress)
        }
    }

    /// Trains a model on a text that the program has, and stores nothing: for a try, or a text that is made up. A
    /// tenth of the text is held out: its end, or of a list of short lines, lines from everywhere. The weights that do best
    /// there are the model.
    /// - Parameters:
    ///   - text: its characters are Unicode scalars, or the units of the model that it starts from.
    ///   - start: a model whose weights training begins with, as in
    ///     ``train(on:from:options:store:name:in:onProgress:shouldStop:)``.
    ///   - options: what does not follow from the text.
    ///   - context: the threads that compute. Bits do not depend on their number.
    ///   - onProgress: called after every step, on this thread.
    ///   - shouldStop: asked before every step, and within validation; true ends training, with the last weights.
    /// - Throws: ``ModelError``.
    public static func train(
        onText text: String, from start: TextModel? = nil, options: TextOptions = TextOptions(),
        in context: ComputeContext = ComputeContext(), onProgress: (ModelProgress) -> Void = { _ in },
        shouldStop: () -> Bool = { false }
    ) throws -> TextModel {
        try ModelError.translating(isStored: false) {
            let planned = options.planned, start = start?.start, reading = ReadingOptions()
            try planned.validate()
            try start?.check(planned)
            let corpus = try PreparedCorpus.of(text, reading: start?.reading(reading) ?? reading, options: planned)
            let plan = try LanguageModelPlan.plan(for: corpus.summary, options: planned, startingFrom: start)
            try plan.checkMemory(data: corpus.memory)
            let task = try LanguageModelTask(
                plan, corpus: corpus,
                startingFrom: start?.transfer(to: corpus.vocabulary, plan: plan, in: context).weights, in: context)
            let loop = TrainingLoop(task, plan: plan, name: "text", in: context)
            let outcome = try loop.train(shouldStop: shouldStop) { event in
                if case .progress(let progress) = event { onProgress(ModelProgress(progress)) }
            }
            let isFinished: Bool
            switch outcome {
            case .finished: isFinished = true
            case .stopped(_, .timeLimit): isFinished = false
            case .stopped(let step, _):
                return TextModel(task.model, corpus.record, plan, step: step, isFinished: false, in: context)
            }
            if let best = try loop.bestWeights() { try task.model.load(best) }
            return TextModel(
                task.model, corpus.record, plan, step: loop.best?.step ?? plan.steps, validationLoss: loop.best?.loss,
                isFinished: isFinished, in: context)
        }
    }

    /// The path that the modules below take for a file's: a hyphen is standard input to them, which belongs to the program.
    private static func file(_ path: String) -> String { path == "-" ? "./-" : path }

    private init(
        _ model: LanguageModel, _ corpus: CorpusRecord, _ plan: LanguageModelPlan, step: Int,
        validationLoss: Double? = nil, isFinished: Bool, in context: ComputeContext
    ) {
        (self.model, self.corpus, self.plan, self.step) = (model, corpus, plan, step)
        (self.validationLoss, self.isFinished, self.context, name) = (validationLoss, isFinished, context, "text")
    }

    private var start: LanguageModelStart {
        LanguageModelStart(model, plan: plan, corpus: corpus, run: name, step: step)
    }

    /// Goes on with a run that was stopped, bit for bit as if it had never been.
    /// - Parameters:
    ///   - name: of the run.
    ///   - store: open for writing.
    ///   - paths: where its text is now; empty: where it was. It must be the same.
    ///   - context: the threads that compute.
    ///   - onProgress: called after every step, on this thread.
    ///   - shouldStop: asked before every step, and within validation; true saves and ends training.
    /// - Throws: ``ModelError``, `StoreError`.
    public static func resume(
        _ name: String, store: CheckpointStore, at paths: [String] = [], in context: ComputeContext = ComputeContext(),
        onProgress: (ModelProgress) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) throws -> TextModel {
        try ModelError.translating {
            let training = try LanguageModelTraining.resume(
                .named(name), paths: paths.map(Self.file), store: store, in: context)
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
            return TextModel(saved, isFinished: saved.run.status == .finished, in: context)
        }
    }

    private static func finish(
        _ training: LanguageModelTraining, in context: ComputeContext, _ shouldStop: () -> Bool,
        _ onProgress: (ModelProgress) -> Void
    ) throws -> TextModel {
        let isFinished = try training.runToEnd(shouldStop, onProgress)
        let saved = try SavedLanguageModel.load(.named(training.run.name), from: training.store, in: context)
        return TextModel(saved, isFinished: isFinished, in: context)
    }
}
