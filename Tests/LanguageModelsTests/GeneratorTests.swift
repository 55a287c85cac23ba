import Autodiff
import Foundation
import Kernels
import LanguageModels
import TensorCore
import Testing
import TextCorpora

/// Writing text with a model.
@Suite struct GeneratorTests {
    static func generator(
        _ model: LanguageModel, _ vocabulary: Vocabulary, _ options: SamplingOptions, seed: UInt64 = 1, index: Int = 0,
        in context: ComputeContext
    ) -> TextGenerator {
        TextGenerator(
            model: model, vocabulary: vocabulary, options: options, seed: seed, index: index, in: context)
    }

    /// An untrained model with uneven output: text that differs with every coin.
    static func untrained(
        _ text: String, unit: TextUnit = .scalar, stack: String = "lstm:14,gru:9", embedding: Int = 5,
        in context: ComputeContext
    ) throws -> (LanguageModel, Vocabulary) {
        let vocabulary = try tokens(of: text, unit: unit).vocabulary
        let model = LanguageModel(
            try configuration(stack, classes: vocabulary.count, embedding: embedding), seed: 8, in: context)
        for parameter in model.parameters where parameter.name == "head.weight" {
            parameter.value = RandomStream(seed: 3).normal(parameter.value.shape, deviation: 4, in: context)
        }
        return (model, vocabulary)
    }

    @Test func oneTextDependsOnSeedAndIndexOnly() throws {
        let context = ComputeContext(threads: 1), (model, vocabulary) = try Self.untrained("abcdefgh\n", in: context)
        func text(_ seed: UInt64, _ index: Int, _ context: ComputeContext, length: Int = 150) -> String {
            var generator = Self.generator(
                model, vocabulary, SamplingOptions(temperature: 1, length: length), seed: seed, index: index,
                in: context)
            generator.read("abc")
            return generator.text()
        }
        let reference = text(5, 2, context)
        #expect(reference.count == 150)
        _ = text(5, 0, context)
        #expect(text(5, 2, context) == reference)
        #expect(text(5, 3, context) != reference && text(6, 2, context) != reference)
        #expect(reference.hasPrefix(text(5, 2, context, length: 70)))
        for set in InstructionSet.available {
            for threads in [1, 3] {
                #expect(
                    text(5, 2, ComputeContext(threads: threads, instructionSet: set)) == reference,
                    "\(threads) threads, \(set.rawValue)")
            }
        }
    }

    @Test func greedyNeedsNoCoin() throws {
        let context = ComputeContext(threads: 1), (model, vocabulary) = try Self.untrained("abcdefgh\n", in: context)
        let texts = (0..<3).map { index -> String in
            var generator = Self.generator(
                model, vocabulary, SamplingOptions(temperature: 0, length: 80), seed: UInt64(index), index: index,
                in: context)
            return generator.text()
        }
        #expect(Set(texts).count == 1 && texts[0].count == 80)
    }

    /// χ² of 20,000 first characters against the model's own softmax; the replacement symbol never comes.
    @Test func frequenciesFollowTheModel() throws {
        let context = ComputeContext(threads: 1), (model, vocabulary) = try Self.untrained("abcde", in: context)
        for parameter in model.parameters where parameter.name == "head.weight" {
            parameter.value = Tensor(zeros: parameter.value.shape)
        }
        // Probabilities in the proportions 1 : 2 : 3 : 4 : 5, and much for the replacement symbol.
        for parameter in model.parameters where parameter.name == "head.bias" {
            parameter.value = Tensor([1, 2, 3, 4, 5, 60].map { (x: Double) in Float(Foundation.log(x)) }, shape: [6])
        }
        #expect(vocabulary.replacementId == 5)
        var generator = Self.generator(
            model, vocabulary, SamplingOptions(temperature: 1, length: 20_000), seed: 12, in: context)
        let text = generator.text()
        let counts = "abcde".map { letter in Double(text.filter { $0 == letter }.count) }
        #expect(counts.reduce(0, +) == 20_000)
        let squared = counts.enumerated().reduce(0.0) { sum, item in
            let wanted = 20_000 * Double(item.offset + 1) / 15
            return sum + (item.element - wanted) * (item.element - wanted) / wanted
        }
        // 99.9 % of samples are below this with 4 degrees of freedom.
        #expect(squared < 18.47 && squared > 0, "\(counts)")
    }

    /// A prompt in one piece leaves the state that the same prompt leaves unit by unit.
    @Test(arguments: [("lstm:14,gru:9", 5), ("rnn:20:6", 0), ("gru-reset-before:7", 5), ("gru:9", 11)])
    func promptsInOnePieceAndUnitByUnit(stack: String, embedding: Int) throws {
        let context = ComputeContext(threads: 2)
        let (model, vocabulary) = try Self.untrained("abcdefgh\n", stack: stack, embedding: embedding, in: context)
        let prompt = String(sourceText(1000, letters: 8).prefix(1000))
        let options = SamplingOptions(temperature: 1, length: 40)
        var whole = Self.generator(model, vocabulary, options, in: context)
        #expect(whole.read(prompt).isEmpty)
        var pieces = Self.generator(model, vocabulary, options, in: context)
        for character in prompt { pieces.read(String(character)) }
        #expect(whole.state == pieces.state)
        #expect(whole.text() == pieces.text())
    }

    @Test func unknownCharactersAreReadAndReported() throws {
        let context = ComputeContext(threads: 1), (model, vocabulary) = try Self.untrained("abcdefgh\n", in: context)
        var generator = Self.generator(model, vocabulary, SamplingOptions(temperature: 1, length: 30), in: context)
        let unknown = generator.read("aΩb🙂Ω")
        #expect(unknown == [UnitCount(bytes: Array("Ω".utf8), count: 2), UnitCount(bytes: Array("🙂".utf8), count: 1)])
        let text = generator.text()
        #expect(text.count == 30 && text.allSatisfy { "abcdefgh\n".contains($0) })
    }

    @Test func withoutAPromptATextBeginsAfterALineEnd() throws {
        let context = ComputeContext(threads: 1), (model, vocabulary) = try Self.untrained("abcdefgh\n", in: context)
        let options = SamplingOptions(temperature: 1, length: 60)
        var empty = Self.generator(model, vocabulary, options, in: context)
        #expect(empty.read("").isEmpty)
        var line = Self.generator(model, vocabulary, options, in: context)
        line.read("\n")
        #expect(empty.text() == line.text())
    }

    @Test func nothingIsWrittenForLengthZero() throws {
        let context = ComputeContext(threads: 1), (model, vocabulary) = try Self.untrained("ab", in: context)
        var generator = Self.generator(model, vocabulary, SamplingOptions(length: 0, stop: ["a"]), in: context)
        #expect(generator.next() == nil)
        #expect(generator.next() == nil)
    }

    /// A model that has learned "aé" again and again, in bytes.
    @Test func bytesOfOneCharacterComeOutTogether() throws {
        let context = ComputeContext(threads: 1)
        let (tokens, vocabulary) = try tokens(of: String(repeating: "aé", count: 400), unit: .byte)
        let model = LanguageModel(try configuration("gru:12", classes: vocabulary.count), seed: 1, in: context)
        trained(model, on: tokens, lanes: 4, window: 12, steps: 150, in: context)
        func pieces(_ length: Int, stop: [String] = []) -> [String] {
            var generator = Self.generator(
                model, vocabulary, SamplingOptions(temperature: 0, length: length, stop: stop), in: context)
            generator.read("éa")
            return Array(AnyIterator { generator.next() })
        }
        #expect(pieces(6) == ["é", "a", "é", "a"])
        // The length counts bytes; what ends inside a character is not lost silently.
        #expect(pieces(4) == ["é", "a", "\u{fffd}"])
        #expect(pieces(100, stop: ["aé"]) == ["é"])
        #expect(pieces(100, stop: ["zz", "éaéa", "aéaéé"]).joined() == "")
        // What might have become a stop is text after all when the length is reached.
        #expect(pieces(5, stop: ["éaéaé"]).joined() == "éaé")
    }

    @Test func graphemesAreWrittenWhole() throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try Self.untrained("e\u{301}👩‍👩‍👧x\n", unit: .grapheme, in: context)
        var generator = Self.generator(model, vocabulary, SamplingOptions(temperature: 2, length: 50), in: context)
        let text = generator.text()
        #expect(text.count == 50 && text.allSatisfy { "e\u{301}👩‍👩‍👧x\n".contains($0) })
    }
}
