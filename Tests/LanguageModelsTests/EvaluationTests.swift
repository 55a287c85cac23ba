import Autodiff
import Checkpoints
import Foundation
import LanguageModels
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing
import TextCorpora
import Training
import TrainingRuns

@Suite struct EvaluationTests {
    static var weavers: String {
        Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("corpora/weavers.txt").path
    }

    /// Validation in lanes, whole or cut, says what one stream with carried state says.
    @Test func lanesAgreeWithOneStream() throws {
        let context = ComputeContext(threads: 2)
        let corpus = try PreparedCorpus.read([Self.weavers]), tokens = corpus.tokens
        let range = corpus.split.validation
        let model = LanguageModel(
            try configuration("lstm:64", classes: tokens.vocabularyCount, embedding: 24), seed: 1, in: context)
        trained(model, on: tokens, lanes: 16, window: 48, steps: 250, in: context)
        for limit in [1_000_000, 5_000] {
            let plan = LanguageModel.validationPlan(tokens, range: range, limit: limit)
            var seen = 0
            let inBlocks = model.evaluate(plan, in: context, observe: { _, _ in seen += 1 })
            let streams = LanguageModel.finalPlans(tokens, range: range, limit: limit)
            let first = model.evaluate(streams[0], in: context)
            let whole = streams.dropFirst().reduce(first) { $0 + model.evaluate($1, in: context) }
            #expect(inBlocks.natsPerUnit < 2.6)
            #expect(abs(inBlocks.natsPerUnit - whole.natsPerUnit) < 0.002, "\(inBlocks) and \(whole)")
            #expect(inBlocks.units == seen && inBlocks.units == whole.units && inBlocks.bytes == whole.bytes)
            if limit > range.count {
                #expect(streams.count == 1 && whole.units == range.count)
                #expect(inBlocks.bytes == tokens.utf8Count(in: range))
            } else {
                #expect(streams.count > 1 && whole.units <= limit && whole.units > limit - 64)
            }
        }
    }

    /// The score of a text unit by unit, the state carried by hand.
    @Test(arguments: [("lstm:12", 6), ("gru:9,rnn:8:5", 0)])
    func everyUnitIsScoredOnceWithItsOwnLoss(stack: String, embedding: Int) throws {
        let context = ComputeContext(threads: 1), (tokens, vocabulary) = try tokens(of: sourceText(700))
        let model = LanguageModel(
            try configuration(stack, classes: vocabulary.count, embedding: embedding, dropout: 0.4), seed: 2,
            in: context)
        trained(model, on: tokens, lanes: 4, window: 10, steps: 20, in: context)
        let range = 100..<700
        var expected: [Float] = []
        var state = LanguageModelState(zerosFor: model.configuration, lanes: 1)
        for position in 99..<699 {
            let tape = Tape(in: context, recording: false)
            let (logits, after) = model([tokens[position]], state: state, mode: .inference, on: tape)
            expected += SoftmaxCrossEntropy.losses(logits.value, targets: [tokens[position + 1]], in: context)
            state = after
        }
        var found: [Float] = [], targets: [Int32] = []
        let evaluation = model.evaluate(
            .stream(tokens, range: range), in: context,
            observe: {
                targets.append($0)
                found.append($1)
            })
        #expect(targets == tokens.ids(in: range))
        expectMatch(found.map(Double.init), expected.map(Double.init), "losses", tolerance: 1e-5)
        #expect(abs(evaluation.nats - found.reduce(0) { $0 + Double($1) }) < 1e-9)
        #expect(evaluation.units == 600 && evaluation.bytes == 600)
        #expect(abs(evaluation.bitsPerUnit - evaluation.natsPerUnit / 0.693_147_180_559_945_3) < 1e-12)
        #expect(abs(evaluation.bitsPerByte - evaluation.bitsPerUnit) < 1e-12)
        #expect(abs(Foundation.log(evaluation.perplexity) - evaluation.natsPerUnit) < 1e-12)
    }

    /// Bytes of a text whose characters take two.
    @Test func bytesAreThoseOfTheText() throws {
        let context = ComputeContext(threads: 1)
        let (tokens, vocabulary) = try tokens(of: String(repeating: "éa", count: 100))
        let model = LanguageModel(try configuration("rnn:5", classes: vocabulary.count), seed: 1, in: context)
        let evaluation = model.evaluate(.stream(tokens, range: 50..<150), in: context)
        #expect(evaluation.units == 100 && evaluation.bytes == 150)
        #expect(abs(evaluation.bitsPerByte * 150 - evaluation.bitsPerUnit * 100) < 1e-9)
    }

    @Test func scoringCanBeStopped() throws {
        let context = ComputeContext(threads: 1), (tokens, vocabulary) = try tokens(of: sourceText(2000))
        let model = LanguageModel(try configuration("rnn:5", classes: vocabulary.count), seed: 1, in: context)
        var questions = 0
        let part = model.evaluate(
            .stream(tokens, range: 0..<2000), in: context,
            shouldStop: {
                questions += 1
                return questions > 2
            })
        #expect(part.units == 512 && questions == 3)
    }

    /// The checkpoint called best holds the weights of the best validation, and its final score is stored.
    @Test func theBestWeightsAreThoseOfTheBestValidation() throws {
        let folder = try TemporaryFolder(), store = try folder.store(), context = ComputeContext(threads: 2)
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
        let plan = try smallPlan(corpus, steps: 60) {
            ($0.learningRate, $0.warmUp, $0.evaluateEvery) = (3, 60, 5)
        }
        var reports: [ValidationReport] = []
        let session = try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: context)
        guard
            case .finished(let result) = try session.train(onEvent: {
                if case .validated(let report) = $0 { reports.append(report) }
            })
        else { throw Unexpected("not finished") }
        #expect(reports.map(\.step) == Array(stride(from: 5, through: 60, by: 5)))
        let best = try #require(reports.min { $0.validationLoss < $1.validationLoss })
        #expect(best.step < 60, "the test needs a best validation before the last")
        var lowest = Double.infinity
        for report in reports {
            #expect(report.isBest == (report.validationLoss < lowest))
            lowest = min(lowest, report.validationLoss)
        }
        #expect(result.bestStep == best.step)

        let saved = try SavedLanguageModel.load(.newestWithBest, from: store, in: context)
        #expect(saved.step == best.step && saved.validationLoss == best.validationLoss)
        let again = saved.model.evaluate(
            LanguageModel.validationPlan(corpus.tokens, range: corpus.split.validation), in: context)
        #expect(again.natsPerUnit == best.validationLoss)
        let final = saved.model.evaluate(.stream(corpus.tokens, range: corpus.split.validation), in: context)
        let stored = try store.metrics(named: LanguageModel.bestValidationMetric, of: saved.run.id)
        #expect(stored.map(\.value) == [final.natsPerUnit] && stored.map(\.step) == [best.step])
        #expect(result.score?.loss == final.natsPerUnit && result.score?.units == final.units)
        let latest = try SavedLanguageModel.load(.latest, checkpoint: .latest, from: store, in: context)
        #expect(latest.step == 60)
        #expect(weightsSHA256(of: latest.model.weights) != weightsSHA256(of: saved.model.weights))
    }

    /// A source of known entropy: a model cannot get below it, and a trained one comes near.
    @Test func trainingApproachesTheEntropyOfTheSource() throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let source = MarkovSource(letters: 5, order: 1, seed: 4), text = source.text(count: 60_000)
        let corpus = try PreparedCorpus.of(text, in: folder)
        let plan = try smallPlan(corpus, "gru:32", steps: 300) {
            ($0.lanes, $0.window, $0.evaluateEvery, $0.learningRate) = (16, 32, 100, 0.01)
        }
        let (_, result) = try train(plan, on: corpus, in: store)
        let found = try #require(result.score).loss
        // What the source itself would score on the very same characters.
        let letters = text.unicodeScalars.map { Int($0.value) - 97 }
        let held = corpus.split.validation
        let ideal =
            held.reduce(0.0) { sum, position in
                sum - Foundation.log(source.probability(of: letters[position], after: letters[position - 1]))
            } / Double(held.count)
        #expect(abs(ideal - source.entropyRate) < 0.03 * source.entropyRate)
        #expect(found > ideal - 0.003, "\(found) nats, the source has \(ideal)")
        #expect(found < ideal * 1.02, "\(found) nats, the source has \(ideal)")
    }
}
