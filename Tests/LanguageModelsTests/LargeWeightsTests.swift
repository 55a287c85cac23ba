import Checkpoints
import Foundation
import Kernels
import LanguageModels
import ModelFiles
import TensorCore
import Testing
import TestSupport
import TextCorpora
import Training
import TrainingRuns

/// Weights that are numbers, and so large that what is computed with them need not be.
@Suite struct LargeWeightsTests {
    static let stacks = ["lstm:6", "gru:5,rnn:7", "gru-reset-before:4", "rnn:9:3,lstm:5", "gru:5:2"]

    /// What sums of products may come to: `LanguageModelConfiguration.overflowing` says why.
    static let largest = 1e36

    /// A run whose last checkpoint is given other weights.
    final class Trial {
        let stack: [LayerSpecification]
        let embedding: Int
        let context = ComputeContext(threads: 1)
        let store: CheckpointStore
        private let run: Run.ID
        private var checkpoint: Checkpoint

        init(_ stack: String, embedding: Int, in folder: TemporaryFolder) throws {
            (self.stack, self.embedding) = (try LayerSpecification.parse(stack), embedding)
            store = try folder.store("large.sqlite")
            let corpus = try PreparedCorpus.of(sourceText(600), in: folder)
            let plan = try smallPlan(corpus, stack, steps: 4) { $0.embedding = embedding }
            let session = try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: context)
            session.stopAfter = 2
            _ = try session.train()
            run = session.run.id
            checkpoint = try store.loadCheckpoint(.latest, of: run)
        }

        var names: [String] { checkpoint.sections[.parameter]?.names ?? [] }

        /// Whose outputs are the inputs of whom: the reaches of these are multiplied.
        var factors: [(first: String, second: String)] {
            var pairs = embedding > 0 ? [(first: "embedding.weight", second: "layers.0.cell.weight_ih_l0")] : []
            for (index, layer) in stack.enumerated() where layer.projection != nil {
                let next = index + 1 < stack.count ? "layers.\(index + 1).cell.weight_ih_l0" : "head.weight"
                pairs.append((first: "layers.\(index).projection.weight", second: next))
            }
            return pairs
        }

        /// Weights that reach as far as is said: what one row of theirs adds up to, or the largest of its numbers where
        /// only one is ever taken. What is not named are matrices that reach to 1, and biases of zero.
        ///
        /// - Parameter inOneRow: whether the other rows of what is named are those of a matrix that is not.
        func weights(_ reaches: [String: Double], inOneRow: Bool = false) -> NamedTensors {
            var weights = checkpoint.sections[.parameter] ?? NamedTensors()
            for (name, tensor) in weights {
                let isMatrix = tensor.shape.rank == 2, usual = isMatrix ? 1.0 : 0
                let columns = isMatrix ? tensor.shape[1] : 1, rows = tensor.count / columns
                let isTaken = name == "embedding.weight" || embedding == 0 && name == "layers.0.cell.weight_ih_l0"
                let values = tensor.values.enumerated().map { index, value in
                    let isUsual = inOneRow && index / columns < rows - 1
                    let size = Float((isUsual ? usual : reaches[name] ?? usual) / Double(isTaken ? 1 : columns))
                    return value < 0 ? -size : size
                }
                weights[name] = Tensor(values, shape: tensor.shape)
            }
            return weights
        }

        func save(_ weights: NamedTensors) throws {
            checkpoint.step += 1
            var changed = checkpoint
            changed.sections[.parameter] = weights
            try store.save(changed, in: run, isBest: true)
        }

        func load(_ precision: WritingPrecision = .single, in other: ComputeContext? = nil) throws
            -> SavedLanguageModel
        {
            try SavedLanguageModel.load(
                .latest, checkpoint: .latest, from: store, precision: precision, in: other ?? context)
        }

        /// The tensor under whose name weights are refused; nil if they are not.
        func refusal(_ reaches: [String: Double], inOneRow: Bool = false) throws -> String? {
            try save(weights(reaches, inOneRow: inOneRow))
            do {
                _ = try load()
                return nil
            } catch RunError.damagedCheckpoint(let reason) {
                #expect(reason.hasSuffix("holds numbers so large that sums of them are beyond single precision"))
                return String(reason.prefix { $0 != " " })
            }
        }
    }

    @Test(arguments: stacks, [0, 7]) func areRefusedByName(stack: String, embedding: Int) throws {
        let folder = try TemporaryFolder(), trial = try Trial(stack, embedding: embedding, in: folder)
        #expect(try trial.refusal([:]) == nil)
        for name in trial.names {
            #expect(try trial.refusal([name: 0.9 * Self.largest]) == nil, "\(name)")
            // A table is too large for what reads it, and of a projection the weights are named for both.
            let named =
                name == "embedding.weight"
                ? "layers.0.cell.weight_ih_l0" : name.replacing("projection.bias", with: "projection.weight")
            #expect(try trial.refusal([name: 1.1 * Self.largest], inOneRow: true) == named)
        }
    }

    /// Neither of two that are multiplied is large by itself.
    @Test(arguments: stacks, [0, 7]) func productsAreRefusedByName(stack: String, embedding: Int) throws {
        let folder = try TemporaryFolder(), trial = try Trial(stack, embedding: embedding, in: folder)
        for (first, second) in trial.factors {
            #expect(try trial.refusal([first: 0.9e18, second: 0.9e18]) == nil)
            #expect(try trial.refusal([first: 1.1e18, second: 1.1e18], inOneRow: true) == second)
            // What a projection adds is multiplied as well.
            guard first.contains("projection") else { continue }
            let bias = first.replacing("weight", with: "bias")
            #expect(try trial.refusal([bias: 1.1e18, second: 1.1e18], inOneRow: true) == second)
        }
    }

    /// In a file of another program, too.
    @Test func areRefusedInFiles() throws {
        let folder = try TemporaryFolder(), trial = try Trial("gru:5:2", embedding: 7, in: folder)
        let path = folder.file("model.safetensors"), whole = try trial.load().exchanged()
        func read(_ reaches: [String: Double]) throws {
            var file = whole
            for (name, tensor) in trial.weights(reaches) where file.tensors[name]?.shape == tensor.shape {
                file.tensors[name] = tensor
            }
            try file.write(to: path)
            _ = try ImportedLanguageModel(path: path, vocabulary: nil)
        }
        try read(["layers.0.projection.weight": 0.9e18, "head.weight": 0.9e18])
        for (reaches, name) in [
            (["layers.0.projection.weight": 1.1e18, "head.weight": 1.1e18], "head.weight"),
            (["layers.0.projection.weight": 1.1e36], "layers.0.projection.weight"),
        ] {
            #expect(
                thrown(LanguageModelError.self) { try read(reaches) }
                    == .notALanguageModel(
                        path: path,
                        reason: "\(name) holds numbers so large that sums of them are beyond single precision"))
        }
    }

    /// What is not refused gives numbers, whatever is read, in training steps, stepping and scoring: everything as large
    /// as it may be, of two that are multiplied the first, the second or both.
    @Test(arguments: stacks, [0, 7]) func whatIsNotRefusedGivesNumbers(stack: String, embedding: Int) throws {
        let folder = try TemporaryFolder(), trial = try Trial(stack, embedding: embedding, in: folder)
        for share in [0, 0.5, 1] {
            var reaches = Dictionary(uniqueKeysWithValues: trial.names.map { ($0, 0.9 * Self.largest) })
            for (first, second) in trial.factors {
                reaches[second] = pow(0.9 * Self.largest, 1 - share)
                reaches[first] = pow(0.9 * Self.largest, share)
                guard first.contains("projection") else { continue }
                // The two are added before they are multiplied.
                reaches[first, default: 0] /= 2
                reaches[first.replacing("weight", with: "bias")] = reaches[first]
            }
            try trial.save(trial.weights(reaches))
            for set in InstructionSet.available {
                let context = ComputeContext(threads: 1, instructionSet: set)
                for precision in WritingPrecision.allCases {
                    try expectNumbers(trial.load(precision, in: context), context)
                }
            }
        }
    }

    private func expectNumbers(_ saved: SavedLanguageModel, _ context: ComputeContext) throws {
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
