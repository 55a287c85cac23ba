import Kernels
import LanguageModels
import TextCorpora
import TrainingRuns

extension TextModel {
    /// What a model's weights are rounded to where it writes and scores. Each gives the same result on every machine; the two do
    /// not give the same.
    public enum Precision: String, Sendable, CaseIterable {
        case single
        /// Bytes, each row of the weights with a scale of its own: three to four times as fast, and as good to a few
        /// ten-thousandths of a nat, which ``TextModel/score(_:precision:)`` tells.
        case int8
    }

    /// Writes a text. The same model, prompt, numbers and seed write the same text on every machine.
    /// - Parameters:
    ///   - prompt: what the text goes on from; it is not repeated in the result.
    ///   - length: characters to write.
    ///   - temperature: divides the logits before the softmax: below 1 safer, above 1 bolder, 0 always the most probable.
    ///   - topP: draw only from the most probable characters that together reach this share (Holtzman et al. 2020).
    ///   - seed: another one, another text.
    ///   - precision: another one, another text.
    /// - Throws: ``ModelError`` of kind `option` for a number out of its range.
    public func write(
        after prompt: String = "", length: Int = 1000, temperature: Double = 0.8, topP: Double? = nil, seed: UInt64 = 1,
        precision: Precision = .single
    ) throws -> String {
        try stream(
            after: prompt, length: length, temperature: temperature, topP: topP, seed: seed, precision: precision
        ).joined()
    }

    /// The same text piece by piece, usually a character at a time, as it is made.
    /// - Throws: ``ModelError`` of kind `option` for a number out of its range.
    public func stream(
        after prompt: String = "", length: Int = 1000, temperature: Double = 0.8, topP: Double? = nil, seed: UInt64 = 1,
        precision: Precision = .single
    ) throws -> TextStream {
        let options = SamplingOptions(temperature: temperature, topP: topP, length: length)
        try ModelError.translating { try options.validate() }
        var generator = TextGenerator(
            model: model(in: precision), vocabulary: self.corpus.vocabulary, leadIns: corpus.leadIns, options: options,
            seed: seed,
            index: 0, in: context)
        if !prompt.isEmpty { generator.read(prompt) }
        return TextStream(generator: generator)
    }

    /// How likely a text is to the model: one pass in order, with carried state, each character after the first scored
    /// once. Characters that the model has no place for, as an imported one may not, are passed over and not counted.
    /// - Parameters:
    ///   - text: at least two characters.
    ///   - precision: of the weights.
    /// - Throws: ``ModelError`` of kind `data` for a text of fewer than two characters.
    public func score(_ text: String, precision: Precision = .single) throws -> TextScore {
        try ModelError.translating {
            let all = try TextCorpus(text, unit: self.corpus.vocabulary.unit)
            let readable = try all.omittingUnreadable(by: self.corpus.vocabulary).corpus
            // Where hardly anything would be left, the error says which characters are unknown.
            let corpus = readable.count > 1 ? readable : all
            guard corpus.count > 1 else { throw LanguageModelError.emptyText(what: "the text") }
            let tokens = try corpus.tokens(using: self.corpus.vocabulary)
            let evaluation = model(in: precision).evaluate(.stream(tokens, range: 0..<corpus.count), in: context)
            return TextScore(evaluation)
        }
    }

    private func model(in precision: Precision) -> LanguageModel {
        var model = model
        model.precision = precision == .int8 ? .int8 : .single
        return model
    }
}

/// A text that is being written: a sequence of its pieces, in order, each made when it is asked for.
public struct TextStream: Sequence, IteratorProtocol {
    var generator: TextGenerator

    /// The next piece, usually one character; nil at the end.
    public mutating func next() -> String? { generator.next() }
}

/// The loss of a model on a text: minus the logarithm of the probability that it gives each character after those before.
public struct TextScore: Sendable, Equatable {
    /// Characters scored.
    public let characters: Int
    /// Bytes that they take in UTF-8.
    public let bytes: Int
    /// Sum of their losses, in nats.
    public let nats: Double
    /// Mean loss of a character in nats (natural logarithm).
    public let natsPerCharacter: Double
    /// The same with the binary logarithm.
    public let bitsPerCharacter: Double
    /// Bits for each byte of UTF-8, comparable between alphabets and with compressors.
    public let bitsPerByte: Double
    /// exp of the nats per character: so many equally likely characters would be as hard to guess.
    public let perplexity: Double

    init(_ evaluation: LanguageModelEvaluation) {
        characters = evaluation.units
        bytes = evaluation.bytes
        nats = evaluation.nats
        natsPerCharacter = evaluation.natsPerUnit
        bitsPerCharacter = evaluation.bitsPerUnit
        bitsPerByte = evaluation.bitsPerByte
        perplexity = evaluation.perplexity
    }
}
