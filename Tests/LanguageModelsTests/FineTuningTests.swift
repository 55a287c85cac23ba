import Autodiff
import Checkpoints
import LanguageModels
import TensorCore
import Testing
import TestSupport
import TrainingRuns
import TextCorpora

/// Weights taken over to another vocabulary.
@Suite struct FineTuningTests {
    static func letters(_ text: String, _ table: [Character: Character]) -> String {
        String(text.map { table[$0] ?? $0 })
    }

    /// As many different characters, but in another order: by index, every letter would become its neighbor.
    @Test(arguments: [0, 9]) func charactersAreMatchedNotIndices(embedding: Int) throws {
        let context = ComputeContext(threads: 2)
        let source = MarkovSource(letters: 6, order: 1, seed: 2).text(count: 6000)
        // b to g, with a few z at the end of the alphabet; and the same with A at its beginning.
        let shifted = String(
            String.UnicodeScalarView(source.unicodeScalars.compactMap { Unicode.Scalar($0.value + 1) }))
        func text(_ rare: String) -> String {
            String(shifted.enumerated().map { $0.offset % 500 == 99 ? Character(rare) : $0.element })
        }
        let (oldTokens, oldVocabulary) = try tokens(of: text("z")),
            (newTokens, newVocabulary) = try tokens(of: text("A"))
        #expect(oldVocabulary.count == newVocabulary.count)
        let shape = try configuration("lstm:24", classes: oldVocabulary.count, embedding: embedding)
        let old = trained(
            LanguageModel(shape, seed: 1, in: context), on: oldTokens, lanes: 8, window: 24, steps: 200, in: context)
        let fresh = LanguageModel(shape, seed: 2, in: context)
        let transfer = FineTuning.transfer(from: old, vocabulary: oldVocabulary, to: fresh, vocabulary: newVocabulary)
        #expect(transfer.newUnits == 1 && transfer.lostUnits == 1)
        func loss(_ weights: NamedTensors, _ tokens: Tokens) throws -> Double {
            let model = LanguageModel(shape, seed: 3, in: context)
            try model.load(weights)
            return model.evaluate(.stream(tokens, range: 0..<tokens.count), in: context).natsPerUnit
        }
        let before = try loss(old.weights, oldTokens)
        #expect(before < 1.5)
        #expect(try loss(transfer.weights, newTokens) < before + 0.1)
        #expect(try loss(old.weights, newTokens) > before + 1, "by index the text would be a cipher")
    }

    @Test func eachRowIsTheOneOfItsCharacter() throws {
        let context = ComputeContext(threads: 1)
        let old = try tokens(of: "abcxyz").vocabulary, new = try tokens(of: "0bcyé!").vocabulary
        for embedding in [0, 3] {
            func model(_ vocabulary: Vocabulary, seed: UInt64) throws -> LanguageModel {
                let shape = try configuration("gru:5:4,lstm:3", classes: vocabulary.count, embedding: embedding)
                return LanguageModel(shape, seed: seed, in: context)
            }
            let oldModel = try model(old, seed: 1), fresh = try model(new, seed: 2)
            let bias = oldModel.parameters.first { $0.name == "head.bias" }
            bias?.value = Tensor((0..<7).map(Float.init), shape: [7])
            let transfer = FineTuning.transfer(from: oldModel, vocabulary: old, to: fresh, vocabulary: new)
            #expect(transfer.newUnits == 3 && transfer.lostUnits == 3)
            #expect(transfer.weights.names == fresh.weights.names)
            for (name, tensor) in transfer.weights {
                let from = try #require(oldModel.weights[name]), start = try #require(fresh.weights[name])
                let rows = name == "embedding.weight" || name.hasPrefix("head.")
                let columns = embedding == 0 && name == "layers.0.cell.weight_ih_l0"
                guard rows || columns else {
                    #expect(tensor == from, "\(name)")
                    continue
                }
                for id in 0..<Int32(new.count) {
                    let oldId = id == new.replacementId ? old.replacementId : old.id(ofUnit: new.bytes(of: id))
                    let other = (columns ? tensor.shape[0] : tensor.count / tensor.shape[0])
                    for index in 0..<other {
                        func value(_ tensor: Tensor, _ id: Int32) -> Float {
                            columns ? tensor[index, Int(id)] : tensor.values[Int(id) * other + index]
                        }
                        let wanted = oldId.map { value(from, $0) } ?? value(start, id)
                        #expect(value(tensor, id) == wanted, "\(name) \(id)")
                    }
                }
            }
        }
    }

    @Test func aRunCanBeginWithThem() throws {
        let folder = try TemporaryFolder(), store = try folder.store(), context = ComputeContext(threads: 1)
        let first = try PreparedCorpus.of(sourceText(2000, letters: 5), in: folder, name: "a.txt")
        let run = try train(smallPlan(first, "gru:16", steps: 60), on: first, in: store).run
        let saved = try SavedLanguageModel.load(.named(run.name), from: store, in: context)
        let second = try PreparedCorpus.of(sourceText(2000, letters: 5) + "new!?", in: folder, name: "b.txt")
        var plan = try smallPlan(second, "gru:16", steps: 2)
        #expect(plan.model.classes == second.vocabulary.count)
        plan.learningRate = 1e-6
        let transfer = FineTuning.transfer(
            from: saved.model, vocabulary: saved.vocabulary,
            to: LanguageModel(plan.model, seed: plan.seed, in: context), vocabulary: second.vocabulary)
        let session = try LanguageModelTraining(
            plan: plan, corpus: second, store: store, weights: transfer.weights, in: context)
        guard case .finished(let result) = try session.train() else { throw Unexpected("not finished") }
        let untrained = try train(plan, on: second, in: store).result
        #expect(try #require(result.score).loss < #require(untrained.score).loss * 0.9)
    }
}
