import Kernels
import LanguageModels
import TensorCore
import TextCorpora
import Training
import TrainingRuns

/// A language model that is trained on a made-up text, scores what was held out, and writes.
struct TestedText: TestedModel {
    let name: String
    let stack: String
    let settings: @Sendable (inout LanguageModelOptions) -> Void
    let sampling: SamplingOptions
    var prompt = ""
    /// What the trained model scores and writes in.
    var precision = WritingPrecision.single

    func fingerprints(
        in context: ComputeContext, resumingIn other: ComputeContext
    ) throws -> [(stage: SelfTest.Stage, found: String)] {
        var options = LanguageModelOptions()
        options.stack = try LayerSpecification.parse(stack)
        (options.embedding, options.dropout, options.warmUp, options.seed) = (8, 0, 2, 11)
        (options.lanes, options.window, options.steps) = (4, 12, 8)
        settings(&options)
        let corpus = try PreparedCorpus.of(Self.text, options: options)
        let plan = try LanguageModelPlan.plan(for: corpus.summary, options: options)
        var (stages, task) = try TestedTraining.stages(plan, in: context, resumingIn: other) {
            LanguageModelTask(plan, corpus: corpus, in: $0)
        }
        let validation = task.validationLoss { false }
        var model = task.model
        model.precision = precision
        let scored = LanguageModel.validationPlan(corpus.tokens, range: corpus.split.validation)
        let score = try task.score(weights: nil, onStart: { _ in }, shouldStop: { false })
        stages.append(
            (
                .scored,
                Fingerprint.of {
                    $0.add(validation)
                    $0.add(score?.loss ?? .nan)
                    guard precision != .single else { return }
                    $0.add(model.evaluate(scored, in: context).nats)
                }
            ))
        let series = TextSeries(
            model: model, vocabulary: corpus.vocabulary, leadIns: corpus.record.leadIns, options: sampling,
            prompt: Array(prompt.utf8), seed: 5, count: 3, givesProbabilities: true, in: context)
        stages.append(
            (
                .written,
                Fingerprint.of {
                    for piece in series {
                        $0.add(piece.bytes)
                        $0.add(piece.probabilities.map { Double($0.probability ?? -1) })
                    }
                }
            ))
        return stages
    }

    /// Lines of made-up words, some of their letters two or three bytes long; a rare one among them.
    private static let text: String = {
        let letters: [Character] = [" ", "e", "n", "i", "s", "r", "a", "t", "ä", "ω", "水", "."]
        let source = MarkovSource(letters: letters.count, order: 2, seed: 3).text(count: 3_000)
        var text = ""
        for (place, byte) in source.utf8.enumerated() {
            text.append(place % 41 == 40 ? "\n" : place == 2_000 ? "☃" : letters[Int(byte - UInt8(ascii: "a"))])
        }
        return text
    }()
}

extension TestedText {
    /// Each cell, optimizer and way of choosing at least once; sizes that divide by nothing, and sizes from which work is
    /// shared among threads and products go through Strassen's algorithm.
    static let all: [any TestedModel] = [
        TestedText(
            name: "RNN 24, one-hot, SGD", stack: "rnn:24",
            settings: { ($0.embedding, $0.optimizer, $0.learningRate) = (0, .sgd, 0.5) },
            sampling: SamplingOptions(temperature: 0, length: 60)),
        TestedText(
            name: "RNN 40 to 24, dropout, momentum", stack: "rnn:40:24",
            settings: { ($0.dropout, $0.optimizer, $0.clipNorm) = (0.25, .momentum, 0.5) },
            sampling: SamplingOptions(temperature: 1, topK: 5, length: 60), prompt: "sat"),
        TestedText(
            name: "GRU 48 and 33, Nesterov", stack: "gru:48,gru:33",
            settings: { ($0.randomWindows, $0.optimizer, $0.schedule) = (true, .nesterov, .linear) },
            sampling: SamplingOptions(temperature: 1.3, topP: 0.8, length: 60)),
        TestedText(
            name: "GRU 16 of the book, AdaGrad", stack: "gru-reset-before:16",
            settings: { ($0.optimizer, $0.minimumCount) = (.adagrad, 2) },
            sampling: SamplingOptions(temperature: 0.7, minP: 0.1, length: 60), prompt: "☃ in"),
        TestedText(
            name: "LSTM 64, one-hot, RMSprop", stack: "lstm:64",
            settings: {
                ($0.embedding, $0.optimizer, $0.clipValue, $0.weightDecay) = (0, .rmsprop, 0.01, 0.001)
            },
            sampling: SamplingOptions(temperature: 0.9, repetitionPenalty: 1.4, length: 60)),
        TestedText(
            name: "LSTM 2x128, dropout, Adam", stack: "lstm:128,lstm:128",
            settings: {
                ($0.embedding, $0.dropout, $0.optimizer, $0.lanes, $0.window) = (32, 0.2, .adam, 9, 17)
                $0.steps = 4
            },
            sampling: SamplingOptions(temperature: 0.8, presencePenalty: 0.4, frequencyPenalty: 0.2, length: 80)),
        TestedText(
            name: "LSTM 40 to 20, GRU 24, RNN 16, AdamW", stack: "lstm:40:20,gru:24,rnn:16",
            settings: { ($0.dropout, $0.optimizer, $0.lanes, $0.window) = (0.3, .adamw, 9, 23) },
            sampling: SamplingOptions(temperature: 1, logitBias: [1: 1.5, 4: -2], length: 80, stop: ["."])),
        TestedText(
            name: "LSTM 2x256, wide steps", stack: "lstm:256,lstm:256",
            settings: { ($0.optimizer, $0.lanes, $0.window, $0.steps) = (.adamw, 32, 3, 2) },
            sampling: SamplingOptions(length: 20)),
        TestedText(
            name: "LSTM 48, GRU 33, RNN 80, half precision", stack: "lstm:48,gru:33,rnn:80",
            settings: {
                ($0.precision, $0.dropout, $0.optimizer, $0.lanes, $0.window) = (.bfloat16, 0.1, .adamw, 9, 23)
            },
            sampling: SamplingOptions(length: 40)),
        TestedText(
            name: "LSTM 2x256, half precision", stack: "lstm:256,lstm:256",
            settings: {
                ($0.precision, $0.embedding, $0.optimizer) = (.bfloat16, 0, .adam)
                ($0.lanes, $0.window, $0.steps) = (32, 3, 2)
            },
            sampling: SamplingOptions(length: 20)),
        TestedText(
            name: "LSTM 48 to 20, GRU 33, RNN 80, written in int8", stack: "lstm:48:20,gru:33,rnn:80",
            settings: { ($0.optimizer, $0.learningRate) = (.adamw, 0.01) },
            sampling: SamplingOptions(length: 60), prompt: "sat", precision: .int8),
        TestedText(
            name: "GRU 16 of the book, LSTM 300, written in int8", stack: "gru-reset-before:16,lstm:300",
            settings: { ($0.embedding, $0.optimizer, $0.steps) = (0, .adam, 4) },
            sampling: SamplingOptions(temperature: 1, length: 40), precision: .int8),
        TestedText(
            name: "GRU 350, wide steps", stack: "gru:350",
            settings: { ($0.embedding, $0.optimizer, $0.lanes, $0.window, $0.steps) = (0, .adam, 35, 3, 2) },
            sampling: SamplingOptions(length: 20)),
    ]
}
