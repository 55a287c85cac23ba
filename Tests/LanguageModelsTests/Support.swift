import Checkpoints
import Foundation
import Kernels
import LanguageModels
import TensorCore
import Testing
import TestSupport
import TextCorpora
import Training

extension TemporaryFolder {
    func store(_ name: String = "store.sqlite") throws -> CheckpointStore {
        try CheckpointStore.open(at: file(name), access: .readWrite)
    }
}

/// Text with something to learn: a Markov source in lines of 40.
func sourceText(_ count: Int, letters: Int = 6, order: Int = 1, seed: UInt64 = 1) -> String {
    let letters = MarkovSource(letters: letters, order: order, seed: seed).text(count: count)
    return String(letters.enumerated().map { $0.offset % 40 == 39 ? "\n" : $0.element })
}

extension PreparedCorpus {
    /// A text as if it had been read from a file.
    static func of(
        _ text: String, in folder: TemporaryFolder, name: String = "text.txt", unit: TextUnit = .scalar,
        options: LanguageModelOptions = LanguageModelOptions()
    ) throws -> PreparedCorpus {
        try read([folder.write(name, text)], reading: ReadingOptions(unit: unit), options: options)
    }
}

/// Ids of a text under its own vocabulary.
func tokens(of text: String, unit: TextUnit = .scalar) throws -> (tokens: Tokens, vocabulary: Vocabulary) {
    let corpus = try TextCorpus(text, unit: unit), vocabulary = try Vocabulary(counting: corpus)
    return (try corpus.tokens(using: vocabulary), vocabulary)
}

/// A plan for a small model; everything can be changed afterwards.
func smallPlan(
    _ corpus: PreparedCorpus, _ stack: String = "lstm:20", steps: Int = 40,
    _ change: (inout LanguageModelOptions) -> Void = { _ in }
) throws -> LanguageModelPlan {
    var options = LanguageModelOptions()
    options.stack = try LayerSpecification.parse(stack)
    options.embedding = 7
    options.dropout = 0
    options.lanes = 4
    options.window = 16
    options.steps = steps
    options.warmUp = 5
    options.evaluateEvery = 8
    options.sampleEvery = 1_000_000
    change(&options)
    return try LanguageModelPlan.plan(for: corpus.summary, options: options)
}

/// The learned weights after some steps without a store.
@discardableResult
func trained(
    _ model: LanguageModel, on tokens: Tokens, lanes: Int, window: Int, steps: Int, rate: Float = 0.01,
    in context: ComputeContext, eachStep: (Int, Double) -> Void = { _, _ in }
) -> LanguageModel {
    let trainer = LanguageModelStep(
        model: model, clipping: GradientClipping(maximumNorm: 1), seed: 3, context: context)
    var optimizer = OptimizerConfiguration(.adamw).makeOptimizer()
    var batches = LaneBatches(tokens, range: 0..<tokens.count, lanes: lanes, window: window)
    var state = LanguageModelState(zerosFor: model.configuration, lanes: lanes)
    for step in 0..<steps {
        guard let batch = batches.next() else { break }
        if batch.resetsState { state = LanguageModelState(zerosFor: model.configuration, lanes: lanes) }
        let found = trainer.gradients(batch, state: state, step: step)
        optimizer.update(
            model.parameters, along: found.tensors, rate: rate, scale: found.clip.scale, in: context)
        state = found.state
        eachStep(step, found.loss)
    }
    return model
}

func configuration(
    _ stack: String, classes: Int, embedding: Int = 7, dropout: Double = 0
) throws -> LanguageModelConfiguration {
    LanguageModelConfiguration(
        classes: classes, embedding: embedding, stack: try LayerSpecification.parse(stack), dropout: dropout)
}

/// Something else happened than the test is about.
struct Unexpected: Error {
    let what: String
    init(_ what: String) { self.what = what }
}
