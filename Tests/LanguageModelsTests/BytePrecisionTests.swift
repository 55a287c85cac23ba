import Autodiff
import Kernels
import LanguageModels
import TensorCore
import Testing
import TestSupport
import TextCorpora

/// Writing and scoring with weights rounded to bytes.
@Suite struct BytePrecisionTests {
    /// An untrained model that gives uneven logits, in bytes.
    static func model(
        _ stack: String, embedding: Int, letters: String, in context: ComputeContext
    ) throws -> (LanguageModel, Vocabulary) {
        var (model, vocabulary) = try GeneratorTests.untrained(
            letters, stack: stack, embedding: embedding, in: context)
        model.precision = .int8
        return (model, vocabulary)
    }

    /// 70 texts together and one by one, on several threads, and prompts in one piece and unit by unit.
    @Test(arguments: TextSeriesTests.models) func togetherAsAlone(
        stack: String, embedding: Int, letters: String
    ) throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try Self.model(stack, embedding: embedding, letters: letters, in: context)
        let options = SamplingOptions(temperature: 2, length: 33, stop: ["a", "gh"])
        let wanted = TextSeriesTests.alone(model, vocabulary, options, prompt: "head", count: 70, in: context)
        #expect(Set(wanted.map(\.count)).count > 4 && Set(wanted).count > 20)
        for set in InstructionSet.available {
            let other = ComputeContext(threads: 3, instructionSet: set)
            let series = TextSeriesTests.series(model, vocabulary, options, prompt: "head", count: 70, in: other)
            #expect(TextSeriesTests.texts(series, count: 70) == wanted, "\(set)")
        }
        let prompt = sourceText(300, letters: 8)
        var whole = GeneratorTests.generator(model, vocabulary, options, in: context), pieces = whole
        #expect(whole.read(prompt).isEmpty)
        for character in prompt { pieces.read(String(character)) }
        #expect(whole.state == pieces.state)
        #expect(whole.text() == pieces.text())
    }

    /// A state of single precision that a layer with a projection or without kernels is stepped from, in the model's own
    /// precision: what the bytes are compared with.
    @Test(arguments: TextSeriesTests.models) func aModelIsRoundedAndNotChanged(
        stack: String, embedding: Int, letters: String
    ) throws {
        let context = ComputeContext(threads: 1)
        var (model, vocabulary) = try GeneratorTests.untrained(
            letters, stack: stack, embedding: embedding, in: context)
        let ids = vocabulary.encode("abcdefghhgfedcbaabab").ids
        func probabilities() -> [Double] {
            var scorer = UnitScorer(
                model: model, vocabulary: vocabulary, leadIns: nil, alternatives: vocabulary.count, in: context)
            return scorer.read(ids[...]).flatMap { $0.details?.alternatives.sorted { $0.id < $1.id } ?? [] }
                .map(\.logProbability)
        }
        let exact = probabilities()
        model.precision = .int8
        let rounded = probabilities()
        model.precision = .single
        #expect(probabilities() == exact && exact.count == rounded.count && exact.count >= 20 * 8)
        let differences = zip(exact, rounded).map { abs($0 - $1) },
            mean = differences.reduce(0, +) / Double(exact.count)
        // The head's weights have a deviation of 4.
        #expect(mean > 1e-5 && mean < 0.12 && differences.allSatisfy { $0 < 0.8 }, "\(mean), \(differences.max() ?? 0)")
    }

    /// A trained model guesses a text as well, and the score is what the units' probabilities say.
    @Test func scoresAreNearlyThoseOfSinglePrecision() throws {
        let context = ComputeContext(threads: 2)
        let corpus = try PreparedCorpus.read([EvaluationTests.weavers]), tokens = corpus.tokens
        var model = LanguageModel(
            try configuration("lstm:48,gru:32", classes: tokens.vocabularyCount, embedding: 16), seed: 1, in: context)
        trained(model, on: tokens, lanes: 16, window: 48, steps: 150, in: context)
        let plan = LanguageModel.validationPlan(tokens, range: corpus.split.validation)
        let single = model.evaluate(plan, in: context)
        model.precision = .int8
        var losses: [Float] = []
        let rounded = model.evaluate(plan, in: context) { losses.append($1) }
        #expect(single.natsPerUnit < 3 && single != rounded)
        #expect(abs(single.natsPerUnit - rounded.natsPerUnit) < 0.002, "\(single) and \(rounded)")
        #expect(rounded.units == single.units && rounded.units == losses.count)
        // Windows of one stream go on where the one before has ended.
        let range = corpus.split.validation.lowerBound..<corpus.split.validation.lowerBound + 400
        let stream = model.evaluate(.stream(tokens, range: range), in: ComputeContext(threads: 1))
        var scorer = UnitScorer(
            model: model, vocabulary: corpus.vocabulary,
            leadIns: LeadIns([tokens.ids(in: range.lowerBound - 1..<range.lowerBound)]),
            alternatives: 1,
            in: context)
        let units = scorer.read(tokens.ids(in: range)[...])
        let nats = units.reduce(0) { $0 - ($1.details?.chosen.logProbability ?? .nan) }
        #expect(units.count == 400 && stream.units == 400 && abs(nats / stream.nats - 1) < 1e-5, "\(nats), \(stream)")
    }

    /// Weights that change are rounded again.
    @Test func aModelThatGoesOnLearningIsRoundedAgain() throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try Self.model("lstm:14", embedding: 5, letters: "abcdefgh\n", in: context)
        func text() -> String {
            var generator = GeneratorTests.generator(
                model, vocabulary, SamplingOptions(temperature: 1, length: 60), in: context)
            return generator.text()
        }
        let before = text()
        for parameter in model.parameters where parameter.name == "layers.0.cell.weight_hh_l0" {
            parameter.value = RandomStream(seed: 4).normal(parameter.value.shape, in: context)
        }
        let after = text()
        #expect(before != after && after == text())
    }
}
