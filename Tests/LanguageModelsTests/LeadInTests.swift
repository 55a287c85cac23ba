import Autodiff
import Checkpoints
import Foundation
import LanguageModels
import TensorCore
import Testing
import TestSupport
import TextCorpora
import TrainingRuns

/// What a model reads before it writes.
@Suite struct LeadInTests {
    static func leadIns(_ vocabulary: Vocabulary, count: Int = 5, length: Int = 12) throws -> LeadIns {
        let random = RandomStream(seed: 6), context = ComputeContext(threads: 1)
        let ids = random.uniform(count: count * length, in: context).map { Int32($0 * Float(vocabulary.count - 1)) }
        return try #require(LeadIns((0..<count).map { Array(ids[$0 * length..<($0 + 1) * length]) }))
    }

    /// In groups of ten texts, and of up to 64.
    @Test(
        arguments: [
            ("lstm:14,gru:9", 5, TextSeriesTests.letters), ("lstm:37", 0, TextSeriesTests.manyLetters),
            ("gru:20:6", 9, TextSeriesTests.manyLetters), ("gru-reset-before:7", 5, TextSeriesTests.letters),
        ], ["", "\n", "\n\nab", "abc", "abcdefghabcdefghabcdefgh"])
    func textsTogetherAndAloneAreTheSame(
        model: (stack: String, embedding: Int, letters: String), prompt: String
    ) throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try GeneratorTests.untrained(
            model.letters, stack: model.stack, embedding: model.embedding, in: context)
        let leadIns = try Self.leadIns(vocabulary)
        for temperature in [1.5, 0] {
            let options = SamplingOptions(temperature: temperature, repetitionPenalty: 1.2, length: 20)
            let wanted = (0..<70).map { index in
                var generator = TextGenerator(
                    model: model, vocabulary: vocabulary, leadIns: leadIns, options: options, seed: 5, index: index,
                    in: context)
                // In pieces, which are one prompt.
                generator.read(String(prompt.prefix(2)))
                generator.read(String(prompt.dropFirst(2)))
                return generator.text()
            }
            let found = TextSeriesTests.texts(
                TextSeries(
                    model: model, vocabulary: vocabulary, leadIns: leadIns, options: options, prompt: prompt, seed: 5,
                    count: 70, in: ComputeContext(threads: 3)), count: 70)
            #expect(found == wanted)
            // The first units of texts differ by what was read; the most probable ones are a matter of the model alone.
            #expect(temperature > 0 ? Set(wanted).count > 40 : Set(wanted).count == 1)
        }
    }

    /// The state before the first unit that is written, against a model that is told to read lead-in and prompt.
    @Test func aLeadInIsReadBeforeAShortPrompt() throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try GeneratorTests.untrained("abcdefgh\n", in: context)
        var leadIns = try Self.leadIns(vocabulary, count: 1)
        let newline = try #require(vocabulary.id(ofUnit: [10]))
        leadIns = try #require(LeadIns([Array(leadIns.texts[0].dropLast()) + [newline]]))
        func state(_ leadIns: LeadIns?, _ prompt: String) -> LanguageModelState {
            var generator = TextGenerator(
                model: model, vocabulary: vocabulary, leadIns: leadIns, options: SamplingOptions(length: 5), seed: 1,
                index: 0, in: context)
            generator.read(prompt)
            return generator.state
        }
        let before = vocabulary.decode(leadIns.texts[0])
        #expect(state(leadIns, "abc") == state(nil, before + "abc"))
        #expect(state(leadIns, "abc") != state(nil, "abc"))
        // A prompt as long as a lead-in needs none.
        let long = "hgfedcbahgfedcba"
        #expect(state(leadIns, long) == state(nil, long))
        // Line ends at its beginning are those that the lead-in ends with.
        #expect(state(leadIns, "\n\n\nabc") == state(leadIns, "abc"))
    }

    /// Lines that end in LF or in U+2028: what is left of a prompt's line ends does not depend on what is written beside.
    @Test func textsAreTheSameInAnyNumber() throws {
        let context = ComputeContext(threads: 1)
        let (model, vocabulary) = try GeneratorTests.untrained("abct\n\u{2028}", in: context)
        // So that a unit more in front makes another text.
        for (number, parameter) in model.parameters.enumerated() {
            parameter.value = RandomStream(seed: 3 + UInt64(number)).normal(
                parameter.value.shape, deviation: 2, in: context)
        }
        let ends = try ["\n", "\u{2028}"].map { try #require(vocabulary.id(ofUnit: Array($0.utf8))) }
        let begun = try Self.leadIns(vocabulary, count: 6).texts.map { $0.dropLast() }
        let leadIns = try #require(LeadIns(begun.enumerated().map { Array($1) + [ends[$0 % 2]] }))
        let options = SamplingOptions(temperature: 1.5, length: 40), count = vocabulary.count
        func alone(_ prompt: String) -> [String] {
            (0..<count).map { index in
                var generator = TextGenerator(
                    model: model, vocabulary: vocabulary, leadIns: leadIns, options: options, seed: 5, index: index,
                    in: context)
                generator.read(prompt)
                return generator.text()
            }
        }
        for prompt in ["\nt", "\u{2028}\nt"] {
            let wanted = alone(prompt)
            #expect(wanted == alone("t"))
            for count in 1...count {
                let series = TextSeries(
                    model: model, vocabulary: vocabulary, leadIns: leadIns, options: options, prompt: prompt, seed: 5,
                    count: count, in: context)
                #expect(TextSeriesTests.texts(series, count: count) == Array(wanted.prefix(count)))
            }
            var texts = ConcurrentTexts(model: model, vocabulary: vocabulary, leadIns: leadIns, in: context)
            var written = wanted.map { _ in [UInt8]() }
            for key in wanted.indices {
                texts.begin(key, prompt: vocabulary.encode(prompt).ids, options: options, seed: 5, index: key)
            }
            while !texts.isEmpty { texts.advance { written[$0.key] += $0.bytes } }
            #expect(written.map { String(decoding: $0, as: UTF8.self) } == wanted)
        }
    }

    @Test func theyEndWhereATextMayStart() throws {
        let folder = try TemporaryFolder()
        let names = (0..<300).map { "Name\($0)\n" }.joined()
        let corpus = try PreparedCorpus.of(names, in: folder), leadIns = try #require(corpus.record.leadIns)
        #expect(leadIns.texts.count == 32 && leadIns.length == 64)
        #expect(Set(leadIns.texts).count == 32)
        let trained = corpus.vocabulary.decode(corpus.tokens.ids(in: corpus.split.training))
        for ids in leadIns.texts {
            let text = corpus.vocabulary.decode(ids)
            #expect(text.hasSuffix("\n") && trained.contains(text + "Name"))
        }
    }

    /// From texts of all kinds, in all units; the shortest texts that can be trained on.
    @Test(
        arguments: [
            String(repeating: "ab", count: 15), String(repeating: "织机织布", count: 40), "Anna\nMary\nPaul\nJudy\nLeo\n",
            String(repeating: "One word after the other ", count: 9),
        ], TextUnit.allCases)
    func everyTextHasThem(text: String, unit: TextUnit) throws {
        let folder = try TemporaryFolder(), corpus = try PreparedCorpus.of(text, in: folder, unit: unit)
        let leadIns = try #require(corpus.record.leadIns)
        #expect(leadIns.length >= 1 && leadIns.fits(classes: corpus.vocabulary.count))
        let record = try JSONDecoder().decode(CorpusRecord.self, from: JSONEncoder().encode(corpus.record))
        #expect(record == corpus.record)
    }

    @Test func recordsOfEarlierVersionsHaveNone() throws {
        let folder = try TemporaryFolder(), corpus = try PreparedCorpus.of(sourceText(400), in: folder)
        var json = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(corpus.record)) as? [String: Any])
        json["lead_ins"] = nil
        json["held_out"] = nil
        let record = try JSONDecoder().decode(
            CorpusRecord.self, from: JSONSerialization.data(withJSONObject: json))
        #expect(record.leadIns == nil && record.heldOut == nil)
        json["lead_ins"] = [[1, 2], [3]]
        let damaged = try JSONSerialization.data(withJSONObject: json)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(CorpusRecord.self, from: damaged) }
    }

    /// Names by rule: a capital, then small letters. A model trained with carried state writes them from the first unit
    /// on as well as in the middle of a stream, also after a prompt.
    @Test func textsStartAsWellAsTheyGoOn() throws {
        let folder = try TemporaryFolder(), store = try folder.store(), context = ComputeContext(threads: 2)
        let parts = ["ka", "lo", "mi", "ra", "te", "su", "vi", "no", "an", "el", "dor", "ish", "um"]
        var number = 7
        let names = (0..<700).map { _ -> String in
            let syllables = (0..<3).map { _ -> String in
                number = (number &* 1_103_515_245 &+ 12_345) & 0x7fff_ffff
                return parts[(number >> 9) % parts.count]
            }
            return syllables.joined().capitalized + "\n"
        }
        let corpus = try PreparedCorpus.of(names.joined(), in: folder)
        let plan = try smallPlan(corpus, "lstm:64", steps: 260) {
            ($0.embedding, $0.lanes, $0.window, $0.evaluateEvery, $0.warmUp) = (24, 8, 32, 50, 20)
            $0.learningRate = 0.01
        }
        let run = try train(plan, on: corpus, in: store).run
        let saved = try SavedLanguageModel.load(.named(run.name), from: store, in: context)
        func malformed(_ names: [Substring]) -> Double {
            Double(names.filter { $0.wholeMatch(of: /[A-Z][a-z]+/) == nil }.count) / Double(names.count)
        }
        func texts(_ leadIns: LeadIns?, _ prompt: String = "") -> [Substring] {
            let options = SamplingOptions(temperature: 0.8, length: 40, stop: ["\n"])
            return TextSeriesTests.texts(
                TextSeries(
                    model: saved.model, vocabulary: saved.vocabulary, leadIns: leadIns, options: options,
                    prompt: prompt, seed: 5, count: 400, in: context), count: 400
            ).map { $0[...] }
        }
        var stream = TextGenerator(
            model: saved.model, vocabulary: saved.vocabulary, leadIns: saved.corpus.leadIns,
            options: SamplingOptions(temperature: 0.8, length: 3000), seed: 5, index: 0, in: context)
        let inStream = malformed(stream.text().split(separator: "\n").dropLast())
        let cold = malformed(texts(nil)), warm = texts(saved.corpus.leadIns)
        #expect(inStream < 0.03, "\(inStream)")
        #expect(malformed(warm) <= max(1.3 * inStream, 0.02), "\(malformed(warm)), in stream \(inStream)")
        #expect(cold > 2 * malformed(warm) + 0.02, "from zeros \(cold), after a lead-in \(malformed(warm))")
        #expect(malformed(texts(saved.corpus.leadIns, "\n\n\n\n")) <= max(1.3 * inStream, 0.02))
        #expect(Set(warm).count > 300)
    }
}
