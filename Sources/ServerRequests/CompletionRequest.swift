import CommandLineSupport
package import Foundation
import LanguageModels
package import ServedModels
package import TextCorpora
import TrainingRuns

/// A request of OpenAI's `/v1/completions`, with what is ours beside it: `top_k`, `min_p`, `repetition_penalty`.
package struct CompletionRequest: Sendable {
    package let model: String?
    package let prompts: [String]
    /// Texts for each prompt.
    package let count: Int
    package let length: Int
    package let streams: Bool
    package let includesUsage: Bool
    package let echoes: Bool
    /// How many of the most probable units are named beside each; nil: none, nor the unit's own probability.
    package let alternatives: Int?
    package let seed: UInt64
    /// Fields that were not understood.
    package let warnings: [String]
    private let options: SamplingOptions
    private let bias: [String: Double]

    private static let mostTexts = 128
    private static let mostStops = 16
    /// Of probabilities, over all units of all texts: what an answer may hold in memory.
    private static let mostAlternatives = 1 << 20

    /// - Throws: ``RequestFault``
    package init(_ body: Data, maxTokens: Int) throws(RequestFault) {
        var fields = try RequestFields(body)
        try Self.refuseWhatCannotBe(&fields)
        model = try fields.string("model")
        if case .array(let values)? = fields.value("prompt"),
            values.contains(where: { if case .string = $0 { false } else { true } })
        {
            throw .invalid("prompt", "must be text, or a list of texts; token numbers are not understood")
        }
        prompts = try fields.strings("prompt") ?? [""]
        guard !prompts.isEmpty else { throw .invalid("prompt", "the list is empty") }
        count = try fields.integer("n", in: 1...Self.mostTexts) ?? 1
        guard prompts.count * count <= Self.mostTexts else {
            throw .invalid(
                "n", "\(prompts.count) prompts of \(count) texts: a request has at most \(Self.mostTexts) texts")
        }
        length = try fields.integer("max_tokens", in: 0...maxTokens) ?? min(16, maxTokens)
        streams = try fields.bool("stream") ?? false
        var streamOptions = RequestFields(try fields.object("stream_options") ?? [:])
        includesUsage = try streamOptions.bool("include_usage") ?? false
        echoes = try fields.bool("echo") ?? false
        alternatives = try fields.integer("logprobs", in: 0...100_000)
        let stops = try fields.strings("stop") ?? []
        guard stops.count <= Self.mostStops else {
            throw .invalid("stop", "at most \(Self.mostStops) texts, not \(stops.count)")
        }
        guard stops.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 1024 }) else {
            throw .invalid("stop", "each needs at least one character, and at most 1,024 bytes")
        }
        seed = try Self.seed(&fields) ?? UInt64.random(in: 0..<1 << 32)
        options = SamplingOptions(
            temperature: try fields.number("temperature", in: 0...100) ?? 1,
            topK: try fields.integer("top_k", in: 1...1_000_000),
            topP: try fields.number("top_p", in: 0...1).map { max($0, .leastNormalMagnitude) },
            minP: try fields.number("min_p", in: 0...1),
            repetitionPenalty: try fields.number("repetition_penalty", in: 0.01...100) ?? 1,
            presencePenalty: try fields.number("presence_penalty", in: -100...100) ?? 0,
            frequencyPenalty: try fields.number("frequency_penalty", in: -100...100) ?? 0,
            length: length, stop: stops)
        bias = try Self.bias(&fields)
        // What only tells OpenAI who asks.
        _ = try fields.string("user")
        let echoed = echoes ? prompts.reduce(0) { $0 + $1.unicodeScalars.count } : 0
        // Each unit's own probability is held too.
        let perUnit = alternatives.map { $0 + 1 } ?? 0
        guard perUnit * count * (max(1, length) * prompts.count + echoed) <= Self.mostAlternatives else {
            throw .invalid(
                "logprobs",
                "those of so many units would make too long an answer: ask for fewer, or for fewer max_tokens or texts")
        }
        warnings = fields.warnings + streamOptions.warnings.map { "stream_options.\($0)" }
    }

    /// Fields that change what the answer means, and that no model here can do.
    private static func refuseWhatCannotBe(_ fields: inout RequestFields) throws(RequestFault) {
        for name in ["tools", "tool_choice", "functions", "function_call", "response_format", "messages", "suffix"]
        where fields.value(name) != nil {
            throw .invalid(name, "a model of characters cannot do this: leave the field out", code: "unsupported")
        }
        let best = try fields.integer("best_of", in: 1...mostTexts)
        if let best, best != (try fields.integer("n", in: 1...mostTexts) ?? 1) {
            throw .invalid("best_of", "texts are not ranked: leave it out, or let it be n", code: "unsupported")
        }
    }

    private static func seed(_ fields: inout RequestFields) throws(RequestFault) -> UInt64? {
        switch fields.value("seed") {
        case nil: nil
        case .int(let number)?: UInt64(bitPattern: Int64(number))
        default: throw .invalid("seed", "must be a whole number from \(Int64.min) to \(Int64.max)")
        }
    }

    private static func bias(_ fields: inout RequestFields) throws(RequestFault) -> [String: Double] {
        var biases: [String: Double] = [:]
        for (unit, value) in try fields.object("logit_bias") ?? [:] {
            guard let bias = value.double, (-100...100).contains(bias) else {
                throw .invalid("logit_bias", "each bias is a number from -100 to 100")
            }
            biases[unit] = bias
        }
        return biases
    }

    /// What has no effect with a model of this vocabulary.
    package func ineffective(with vocabulary: Vocabulary) -> [String] {
        let stops = options.stop.compactMap { stop -> String? in
            let missing = vocabulary.missing(from: Array(vocabulary.foldingLineEnds(stop).utf8))
            guard !missing.isEmpty else { return nil }
            return "stop: no text of this model ends there, as it never writes \(missing.joined(separator: ", "))"
        }
        guard bias.keys.contains(where: { !$0.utf8.allSatisfy { $0 < 0x80 } }) else { return stops }
        // Canonically equivalent names of an object are one when it is read.
        let spellings = Dictionary(
            grouping: (0..<Int32(vocabulary.count)).map { String(decoding: vocabulary.bytes(of: $0), as: UTF8.self) },
            by: { $0 })
        return stops
            + bias.keys.sorted().compactMap { unit in
                guard let alike = spellings[unit], alike.count > 1 else { return nil }
                let others = alike.filter { !$0.utf8.elementsEqual(unit.utf8) }.map { unitLabel($0.utf8) }
                return "logit_bias: \(unitLabel(unit.utf8)) is told from \(others.joined(separator: ", ")) by no JSON "
                    + "reader: one request can have a bias for one of them only"
            }
    }

    /// One for each text, those of a prompt side by side.
    /// - Throws: ``RequestFault`` where a unit has a bias that the model does not know.
    package func writing(with vocabulary: Vocabulary) throws(RequestFault) -> [WritingRequest] {
        var options = options
        options.stop = options.stop.map(vocabulary.foldingLineEnds)
        for (unit, bias) in bias {
            guard let id = vocabulary.id(ofUnit: Array(unit.utf8)) else {
                throw .invalid(
                    "logit_bias",
                    "the model has no unit '\(unit)'; keys are the units themselves, such as \"e\", not numbers")
            }
            options.logitBias[id] = bias
        }
        if let alternatives, alternatives > vocabulary.count {
            throw .invalid("logprobs", "the model knows \(vocabulary.count) units")
        }
        let tracing = alternatives.map(UnitTracing.alternatives) ?? .none
        return prompts.flatMap { prompt in
            (0..<count).map { index in
                WritingRequest(
                    prompt: Array(prompt.utf8), options: options, seed: seed, index: index, tracing: tracing)
            }
        }
    }
}
