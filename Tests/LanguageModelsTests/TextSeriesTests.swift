import Foundation
import Kernels
import LanguageModels
import TensorCore
import Testing
import TextCorpora

/// Texts that are written together against the same texts written alone.
@Suite struct TextSeriesTests {
    static let letters = "abcdefgh\n"
    /// More units than are written together.
    static let manyLetters = String((0x20..<0x70).compactMap { Unicode.Scalar($0).map(Character.init) }) + "\n"

    static func series(
        _ model: LanguageModel, _ vocabulary: Vocabulary, _ options: SamplingOptions, prompt: String = "", count: Int,
        in context: ComputeContext
    ) -> TextSeries {
        TextSeries(
            model: model, vocabulary: vocabulary, options: options, prompt: prompt, seed: 5, count: count, in: context)
    }

    /// All texts; each has to end once, and in order.
    static func texts(_ series: TextSeries, count: Int) -> [String] {
        var texts = Array(repeating: "", count: count), ended = 0
        for piece in series {
            #expect(piece.index == ended && (piece.isLast || !piece.text.isEmpty))
            texts[piece.index] += piece.text
            if piece.isLast { ended += 1 }
        }
        #expect(ended == count)
        return texts
    }

    static func alone(
        _ model: LanguageModel, _ vocabulary: Vocabulary, _ options: SamplingOptions, prompt: String = "", count: Int,
        in context: ComputeContext
    ) -> [String] {
        (0..<count).map { index in
            var generator = GeneratorTests.generator(
                model, vocabulary, options, seed: 5, index: index, in: context)
            generator.read(prompt)
            return generator.text()
        }
    }

    static let models: [(stack: String, embedding: Int, letters: String)] = [
        ("lstm:14,gru:9", 5, letters), ("lstm:37", 0, manyLetters), ("lstm:150,lstm:33:20", 11, manyLetters),
        ("gru:41", 0, letters), ("gru:70", 13, manyLetters), ("rnn:20:6", 0, manyLetters), ("rnn:67", 9, letters),
        ("gru-reset-before:7", 5, manyLetters), ("gru-reset-before:19", 0, letters),
    ]

    /// 70 texts: groups of 10 with few letters, of 64 and 6 with many.
    @Test(arguments: models) func togetherAsAlone(stack: String, embedding: Int, letters: String) throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try GeneratorTests.untrained(
            letters, stack: stack, embedding: embedding, in: context)
        let options = SamplingOptions(temperature: 2, length: 33, stop: ["a", "gh", "<=>"])
        let wanted = Self.alone(model, vocabulary, options, prompt: "head", count: 70, in: context)
        // Texts leave at different times; some stay to the end or nearly.
        #expect(Set(wanted.map(\.count)).count > 4 && Set(wanted).count > 20)
        for threads in [1, 3] {
            let context = ComputeContext(threads: threads)
            let found = Self.texts(
                Self.series(model, vocabulary, options, prompt: "head", count: 70, in: context), count: 70)
            #expect(found == wanted, "\(threads) threads")
        }
    }

    /// Units that look back, prompts longer than a piece and without any, bytes, and all options at once.
    @Test(arguments: ["", "\n", "abcabcd", String(repeating: "hgfe dcba\n", count: 90)])
    func promptsAndOptions(prompt: String) throws {
        let context = ComputeContext(threads: 2)
        for unit in [TextUnit.scalar, .byte] {
            let (model, vocabulary) = try GeneratorTests.untrained(Self.letters + "é織", unit: unit, in: context)
            for options in [
                SamplingOptions(temperature: 1.3, topK: 9, repetitionPenalty: 1.4, length: 150),
                SamplingOptions(temperature: 0.9, topP: 0.9, minP: 0.02, length: 61, stop: ["ab", "é"]),
                SamplingOptions(temperature: 1, length: 1),
            ] {
                #expect(
                    Self.texts(
                        Self.series(model, vocabulary, options, prompt: prompt, count: 17, in: context), count: 17)
                        == Self.alone(model, vocabulary, options, prompt: prompt, count: 17, in: context))
            }
        }
    }

    @Test func theFirstComesAsItIsMade() throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try GeneratorTests.untrained(Self.letters, in: context)
        let pieces = Array(
            Self.series(model, vocabulary, SamplingOptions(temperature: 1, length: 20), count: 3, in: context))
        #expect(pieces.map(\.index) == Array(repeating: 0, count: 20) + [1, 2])
        #expect(pieces.map(\.text.count) == Array(repeating: 1, count: 20) + [20, 20])
        #expect(pieces.map(\.isLast) == Array(repeating: false, count: 19) + [true, true, true])
    }

    @Test func emptyTextsEndToo() throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try GeneratorTests.untrained(Self.letters, in: context)
        let pieces = Array(Self.series(model, vocabulary, SamplingOptions(length: 0), count: 3, in: context))
        #expect(pieces.map(\.index) == [0, 1, 2] && pieces.allSatisfy { $0.text.isEmpty && $0.isLast })
        var none = Self.series(model, vocabulary, SamplingOptions(length: 5), count: 0, in: context)
        #expect(none.next() == nil && none.next() == nil)
    }

    /// Without a limit of their length texts are written one by one: what waits would have none either.
    @Test func endlessTexts() throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try GeneratorTests.untrained(Self.letters, in: context)
        let options = SamplingOptions(temperature: 1, length: Int.max, stop: ["a", "c"])
        let pieces = Array(Self.series(model, vocabulary, options, count: 9, in: context))
        #expect(pieces.allSatisfy { $0.text.count <= 1 })
        let wanted = Self.alone(model, vocabulary, options, count: 9, in: context)
        #expect((0..<9).map { index in pieces.filter { $0.index == index }.map(\.text).joined() } == wanted)
    }
}
