import Checkpoints
import Kernels
import LanguageModels
import TensorCore
import Testing
import TestSupport
import TextCorpora
import Training
import TrainingRuns

/// Weights that are numbers, and so large that what is computed with them need not be.
@Suite struct LargeWeightsTests {
    static let stacks = ["lstm:6", "gru:5,rnn:7", "gru-reset-before:4", "rnn:9:3,lstm:5"]

    /// A run whose weights are as the change makes them.
    static func store(
        _ stack: String, embedding: Int, in folder: TemporaryFolder, _ change: (inout NamedTensors) -> Void
    ) throws -> CheckpointStore {
        let store = try folder.store("\(stack.count)-\(embedding).sqlite")
        let corpus = try PreparedCorpus.of(sourceText(600), in: folder)
        let plan = try smallPlan(corpus, stack, steps: 4) { $0.embedding = embedding }
        let session = try LanguageModelTraining(
            plan: plan, corpus: corpus, store: store, in: ComputeContext(threads: 1))
        session.stopAfter = 2
        _ = try session.train()
        var checkpoint = try store.loadCheckpoint(.latest, of: session.run.id)
        var weights = try #require(checkpoint.sections[.parameter])
        change(&weights)
        checkpoint.sections[.parameter] = weights
        try store.save(checkpoint, in: session.run.id, isBest: true)
        return store
    }

    /// Every weight as large as it can be for one sum of its row to stay below `reach`, signs as they were.
    static func scaled(_ tensor: Tensor, reach: Float) -> Tensor {
        let columns = Float(tensor.shape.rank == 2 ? tensor.shape[1] : 1)
        return Tensor(tensor.values.map { $0 < 0 ? -reach / columns : reach / columns }, shape: tensor.shape)
    }

    @Test(arguments: stacks, [0, 7]) func areRefusedByName(stack: String, embedding: Int) throws {
        let folder = try TemporaryFolder(), context = ComputeContext(threads: 1)
        var names: [String] = []
        _ = try Self.store(stack, embedding: embedding, in: folder) { names = $0.names }
        for name in names where name != "embedding.weight" {
            let other = try TemporaryFolder()
            let store = try Self.store(stack, embedding: embedding, in: other) {
                $0[name] = $0[name].map { Self.scaled($0, reach: 3e38) }
            }
            let error = thrown(RunError.self) {
                _ = try SavedLanguageModel.load(.latest, checkpoint: .latest, from: store, in: context)
            }
            guard case .damagedCheckpoint(let reason) = error else {
                Issue.record("\(name): \(String(describing: error))")
                continue
            }
            // Of a projection the weights are named for both.
            #expect(reason.contains(name.replacing("projection.bias", with: "projection.weight")), "\(reason)")
        }
    }

    /// What is not refused gives numbers, whatever is read, in training steps, stepping and scoring.
    @Test(arguments: stacks, [0, 7]) func whatIsNotRefusedGivesNumbers(stack: String, embedding: Int) throws {
        let folder = try TemporaryFolder()
        let store = try Self.store(stack, embedding: embedding, in: folder) { weights in
            for (name, tensor) in weights {
                // The product of a table and the matrix behind it, of a projection and what reads it.
                let isFactor = name.hasPrefix("embedding") || name.contains("projection") || name.contains("weight")
                weights[name] = Self.scaled(tensor, reach: isFactor ? 4e17 : 9e35)
            }
        }
        for set in InstructionSet.available {
            for precision in WritingPrecision.allCases {
                let context = ComputeContext(threads: 1, instructionSet: set)
                let saved = try SavedLanguageModel.load(
                    .latest, checkpoint: .latest, from: store, precision: precision, in: context)
                let series = TextSeries(
                    model: saved.model, vocabulary: saved.vocabulary, leadIns: saved.corpus.leadIns,
                    options: SamplingOptions(length: 40), prompt: "ab", seed: 1, count: 2, in: context)
                #expect(series.reduce(0) { $0 + $1.text.count } == 80)
                var scorer = UnitScorer(
                    model: saved.model, vocabulary: saved.vocabulary, leadIns: saved.corpus.leadIns, alternatives: 2,
                    in: context)
                let units = scorer.read(saved.vocabulary.encode("abcabc").ids[...])
                #expect(units.allSatisfy { $0.probability.map { (0...1).contains($0) } ?? false })
            }
        }
    }
}
