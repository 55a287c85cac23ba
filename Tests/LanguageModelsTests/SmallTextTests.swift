import Checkpoints
import Foundation
import LanguageModels
import TensorCore
import Testing
import TestSupport
import TrainingRuns
import TextCorpora

/// Sessions on texts from the smallest up, with everything chosen or one thing given.
@Suite struct SmallTextTests {
    @Test(arguments: [20, 21, 60, 500, 5_000]) func twoSteps(size: Int) throws {
        let folder = try TemporaryFolder(), store = try folder.store(), context = ComputeContext(threads: 2)
        let corpus = try PreparedCorpus.of(sourceText(size, letters: 4), in: folder)
        let changes: [(inout LanguageModelOptions) -> Void] = [
            { _ in }, { $0.lanes = 1 }, { $0.window = 1 }, { $0.window = corpus.split.training.count - 1 },
            { $0.lanes = corpus.split.training.count - 1 }, { $0.randomWindows = true },
            {
                $0.randomWindows = true
                $0.window = corpus.split.training.count - 1
            },
        ]
        for change in changes {
            var options = LanguageModelOptions()
            options.steps = 2
            options.hidden = 8
            change(&options)
            let plan = try LanguageModelPlan.plan(for: corpus.summary, options: options)
            let (run, result) = try train(plan, on: corpus, in: store)
            #expect(result.steps == 2)
            let saved = try SavedLanguageModel.load(.named(run.name), from: store, in: context)
            var generator = TextGenerator(
                model: saved.model, vocabulary: saved.vocabulary, options: SamplingOptions(length: 25), seed: 1,
                index: 0,
                in: context)
            #expect(generator.text().count == 25)
        }
        for change in [{ $0.lanes = size }, { $0.window = size }, { $0.lanes = .max }, { $0.window = .max }]
            as [(inout LanguageModelOptions) -> Void]
        {
            var options = LanguageModelOptions()
            change(&options)
            guard
                case .invalidOption = thrown(
                    RunError.self,
                    {
                        _ = try LanguageModelPlan.plan(for: corpus.summary, options: options)
                    })
            else { throw Unexpected("another error") }
        }
    }

    /// A single unit has one before it.
    @Test func oneUnitIsValidatedOn() throws {
        let folder = try TemporaryFolder(), store = try folder.store(), context = ComputeContext(threads: 1)
        var options = LanguageModelOptions()
        options.heldOut = HeldOutPart(rule: .tail, portion: .count(1))
        let corpus = try PreparedCorpus.of(sourceText(400), in: folder, options: options)
        #expect(corpus.split.validation == 399..<400)
        let (run, result) = try train(smallPlan(corpus, "gru:6", steps: 20), on: corpus, in: store)
        let score = try #require(result.score),
            saved = try SavedLanguageModel.load(.named(run.name), from: store, in: context)
        #expect(score.units == 1 && score.loss > 0 && saved.validationLoss != nil)
    }

    @Test func tooShortATextIsRefused() throws {
        let folder = try TemporaryFolder()
        for text in ["", "a", "too short", String(repeating: "a", count: 100)] {
            _ = thrown(TextError.self) { _ = try PreparedCorpus.of(text, in: folder) }
        }
    }
}
