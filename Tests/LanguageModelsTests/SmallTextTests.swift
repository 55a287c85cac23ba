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

    @Test func tooShortATextIsRefused() throws {
        let folder = try TemporaryFolder()
        for text in ["", "a", "too short", String(repeating: "a", count: 100)] {
            _ = thrown(TextError.self) { _ = try PreparedCorpus.of(text, in: folder) }
        }
    }
}
