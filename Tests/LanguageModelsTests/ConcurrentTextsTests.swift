import Autodiff
import Foundation
import Kernels
import LanguageModels
import Layers
import TensorCore
import Testing
import TestSupport
import TextCorpora

/// Texts that come and go while others are written, against each of them written alone.
@Suite struct ConcurrentTextsTests {
    private struct Wish {
        var prompt: String
        var options: SamplingOptions
        var index: Int
        /// The step before which it is asked for.
        var start: Int
    }

    /// Prompts shorter and longer than lead-ins, than a slice of reading, and than there are classes.
    private static func wishes(count: Int) -> [Wish] {
        let prompts = [
            "", "head", "abc", String(repeating: "abcdefgh", count: 5), String(repeating: "gfab", count: 90),
        ]
        return (0..<count).map { number in
            let options = SamplingOptions(
                temperature: number % 7 == 6 ? 0 : 1.5, topP: number % 3 == 0 ? 0.9 : nil,
                repetitionPenalty: number % 4 == 1 ? 1.3 : 1, presencePenalty: number % 5 == 2 ? 0.5 : 0,
                length: 5 + number * 3 % 40, stop: number % 2 == 0 ? ["ab", "h"] : [])
            return Wish(prompt: prompts[number % 5], options: options, index: number, start: number * number % 37)
        }
    }

    @Test(arguments: TextSeriesTests.models, [false, true]) func eachTextIsTheOneWrittenAlone(
        model: (stack: String, embedding: Int, letters: String), hasLeadIns: Bool
    ) throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try GeneratorTests.untrained(
            model.letters, stack: model.stack, embedding: model.embedding, in: context)
        let leadIns = hasLeadIns ? try LeadInTests.leadIns(vocabulary) : nil
        // No more at once than there are classes.
        let wishes = Self.wishes(count: min(20, vocabulary.count))
        var texts = ConcurrentTexts(
            model: model, vocabulary: vocabulary, leadIns: leadIns, in: ComputeContext(threads: 3))
        var written = wishes.map { _ in [UInt8]() }, endings: [Int: ConcurrentTexts.Ending] = [:],
            counts: [Int: Int] = [:]
        var step = 0
        while step < 40 || !texts.isEmpty {
            for (key, wish) in wishes.enumerated() where wish.start == step {
                texts.begin(
                    key, prompt: vocabulary.encode(wish.prompt).ids, options: wish.options, seed: 5, index: wish.index)
            }
            texts.advance { piece in
                written[piece.key] += piece.bytes
                counts[piece.key] = piece.unitCount
                if let ending = piece.ending {
                    #expect(endings.updateValue(ending, forKey: piece.key) == nil)
                }
            }
            step += 1
        }
        for (key, wish) in wishes.enumerated() {
            var generator = TextGenerator(
                model: model, vocabulary: vocabulary, leadIns: leadIns, options: wish.options, seed: 5,
                index: wish.index, in: context)
            generator.read(wish.prompt)
            let alone = generator.text()
            #expect(String(decoding: written[key], as: UTF8.self) == alone, "text \(key)")
            #expect(endings[key] == (alone.count < wish.options.length ? .stop : .length))
            #expect(counts[key] ?? 0 >= alone.count)
        }
        // With few letters some of the stops come.
        if vocabulary.count < 20 { #expect(Set(endings.values.map { "\($0)" }).count == 2) }
    }

    @Test func textsThatLeaveChangeNoOther() throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try GeneratorTests.untrained("abcdefgh\n", in: context)
        func run(leaving: Set<Int>) -> [Int: [UInt8]] {
            var texts = ConcurrentTexts(model: model, vocabulary: vocabulary, leadIns: nil, in: context)
            var written: [Int: [UInt8]] = [:], step = 0
            for key in 0..<7 {
                texts.begin(
                    key, prompt: vocabulary.encode("abc").ids, options: SamplingOptions(temperature: 1.5, length: 30),
                    seed: 9, index: key)
            }
            while !texts.isEmpty {
                if step == 11 { texts.leave { leaving.contains($0) } }
                texts.advance { written[$0.key, default: []] += $0.bytes }
                step += 1
            }
            return written
        }
        let all = run(leaving: []), some = run(leaving: [0, 3, 6])
        for key in 0..<7 {
            let isLeaving = [0, 3, 6].contains(key)
            #expect(some[key]?.count == (isLeaving ? 11 : 30))
            #expect(some[key].map { all[key]?.starts(with: $0) ?? false } ?? false)
        }
    }

    /// The last units are a stop, and were held back for a longer one that might have begun before them.
    @Test func aStopAtTheVeryEndIsAStop() throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try GeneratorTests.untrained("abcdefgh\n", in: context)
        func run(stop: [String]) -> (text: String, ending: ConcurrentTexts.Ending?) {
            var texts = ConcurrentTexts(model: model, vocabulary: vocabulary, leadIns: nil, in: context)
            texts.begin(
                1, prompt: vocabulary.encode("abc").ids,
                options: SamplingOptions(temperature: 1, length: 12, stop: stop), seed: 9, index: 0)
            var bytes: [UInt8] = [], ending: ConcurrentTexts.Ending?
            while !texts.isEmpty {
                texts.advance { piece in
                    bytes += piece.bytes
                    ending = piece.ending
                }
            }
            return (String(decoding: bytes, as: UTF8.self), ending)
        }
        let whole = run(stop: [])
        #expect(whole.text.count == 12 && whole.ending == .length)
        let end = String(whole.text.suffix(5)), longer = String(whole.text.suffix(6)) + "a"
        #expect(run(stop: [longer, end]) == (String(whole.text.prefix(7)), .stop))
        #expect(run(stop: [longer]) == whole)
    }

    @Test func textsThatLeaveBeforeTheirPromptIsReadAreForgotten() throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try GeneratorTests.untrained("abcdefgh\n", in: context)
        var texts = ConcurrentTexts(model: model, vocabulary: vocabulary, leadIns: nil, in: context)
        texts.begin(
            1, prompt: vocabulary.encode(String(repeating: "ab", count: 500)).ids, options: SamplingOptions(length: 5),
            seed: 1, index: 0)
        texts.advance { _ in Issue.record("nothing is written before the prompt is read") }
        #expect(texts.count == 1)
        texts.leave { $0 == 1 }
        #expect(texts.isEmpty)
    }
}

/// The probabilities of a text's units against the model's own logits, normalized in Double.
@Suite struct UnitScorerTests {
    /// What a model that reads these ids expects after each.
    private static func logProbabilities(
        _ model: LanguageModel, _ ids: [Int32], in context: ComputeContext
    ) -> [[Double]] {
        var lanes = LanguageModelState(zerosFor: model.configuration, lanes: 1)
        return ids.map { id in
            let tape = Tape(in: context, recording: false)
            let (logits, state) = model([id], state: lanes, mode: .inference, on: tape)
            lanes = state
            let row = logits.value.values.map(Double.init), top = row.max() ?? 0
            let total = log(row.reduce(0) { $0 + exp($1 - top) }) + top
            return row.map { $0 - total }
        }
    }

    @Test(arguments: TextSeriesTests.models, [0, 1, 4]) func eachUnitHasItsProbability(
        model: (stack: String, embedding: Int, letters: String), alternatives: Int
    ) throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try GeneratorTests.untrained(
            model.letters, stack: model.stack, embedding: model.embedding, in: context)
        let leadIns = try LeadInTests.leadIns(vocabulary), text = String(repeating: "abcdefgh\n", count: 9)
        let ids = vocabulary.encode(text).ids
        var scorer = UnitScorer(
            model: model, vocabulary: vocabulary, leadIns: leadIns, alternatives: alternatives, in: context)
        let found = scorer.read(ids[..<7]) + scorer.read(ids[7..<8]) + scorer.read(ids[8...])
        try #require(found.count == ids.count)
        let expected = Self.logProbabilities(model, leadIns.texts[0] + ids, in: context)
        for (place, unit) in found.enumerated() {
            let row = expected[leadIns.length + place - 1], details = try #require(unit.details)
            #expect(details.chosen.id == ids[place])
            #expect(abs(details.chosen.logProbability - row[Int(ids[place])]) < 1e-4)
            let largest = row.indices.sorted { row[$0] != row[$1] ? row[$0] > row[$1] : $0 < $1 }.prefix(alternatives)
            #expect(details.alternatives.count == alternatives)
            for (wanted, beside) in zip(largest, details.alternatives) {
                #expect(abs(beside.logProbability - row[wanted]) < 1e-4)
            }
        }
    }

    @Test func manyAlternativesAreInOrderToo() throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try GeneratorTests.untrained(
            TextSeriesTests.manyLetters, stack: "gru:20", in: context)
        var scorer = UnitScorer(
            model: model, vocabulary: vocabulary, leadIns: nil, alternatives: vocabulary.count, in: context)
        let units = scorer.read(vocabulary.encode("some text").ids[...])
        for unit in units {
            let all = try #require(unit.details).alternatives
            #expect(all.count == vocabulary.count && Set(all.map(\.id)).count == all.count)
            #expect(zip(all, all.dropFirst()).allSatisfy { $0.logProbability >= $1.logProbability })
            #expect(abs(all.reduce(0) { $0 + exp($1.logProbability) } - 1) < 1e-5)
        }
    }
}
