import Checkpoints
import CommandLineSupport
import Foundation
import Kernels
import LanguageModels
import TensorCore
import TextCorpora

/// Several texts in order.
struct SampledTexts {
    let saved: SavedLanguageModel
    let options: SamplingOptions
    /// UTF-8, or any bytes where they are the units.
    let prompt: [UInt8]
    let showsPrompt: Bool
    let seed: UInt64
    let count: Int
    /// Each text is as it is, and NUL ends it. Otherwise a text ends its last line, and a line of dashes follows.
    let endsWithNull: Bool
    /// Characters that the model wrote are colored; in JSON their probabilities stand beside the texts.
    let showsProbabilities: Bool

    /// Characters of all texts that one document of JSON may hold, in memory.
    static let largestDocument = 1 << 28
    /// The same where a number stands beside each.
    static let largestDocumentOfNumbers = 1 << 22

    /// As they are made.
    func stream(in context: ComputeContext) throws {
        let output = StandardOutput()
        var series = series(in: context)
        for index in 0..<count {
            if index > 0, !endsWithNull { try output.line(Self.separator) }
            var last: UInt8?
            func write(_ piece: [UInt8]) throws {
                try output.write(piece)
                last = piece.last ?? last
            }
            if showsPrompt { try write(prompt) }
            while let piece = series.next() {
                if showsProbabilities {
                    try ProbabilityColors.write(piece, to: output)
                    last = piece.bytes.last ?? last
                } else {
                    try write(piece.bytes)
                }
                if piece.isLast { break }
            }
            if endsWithNull {
                try output.write([0])
            } else if last != UInt8(ascii: "\n") {
                try output.line()
            }
        }
        try output.flush()
    }

    func printJSON(in context: ComputeContext) throws {
        var texts = Array(repeating: showsPrompt ? prompt : [], count: count)
        var probabilities: [[JSONValue]] = Array(repeating: [], count: count)
        for piece in series(in: context) {
            texts[piece.index] += piece.bytes
            for probability in piece.probabilities.compactMap(\.probability) {
                probabilities[piece.index].append(.number(Double(probability)))
            }
        }
        let output = StandardOutput()
        var json: [String: JSONValue] = [
            "run": .string(saved.run.name), "step": .int(saved.step), "seed": .string(String(seed)),
            "temperature": .number(options.temperature), "precision": .string(saved.model.precision.rawValue),
            "prompt": .string(String(decoding: prompt, as: UTF8.self)),
            "texts": .array(texts.map { .string(String(decoding: $0, as: UTF8.self)) }),
        ]
        if showsProbabilities { json["probabilities"] = .array(probabilities.map(JSONValue.array)) }
        // JSON has no bytes, and what is not UTF-8 is lost in a string.
        if saved.vocabulary.unit == .byte {
            json["bytes_base64"] = .array(texts.map { .string(Data($0).base64EncodedString()) })
        }
        try output.json(.object(json))
        try output.flush()
    }

    private static let separator = String(repeating: "-", count: 40)

    private func series(in context: ComputeContext) -> TextSeries {
        TextSeries(
            model: saved.model, vocabulary: saved.vocabulary, leadIns: saved.corpus.leadIns, options: options,
            prompt: prompt, seed: seed, count: count, givesProbabilities: showsProbabilities, in: context)
    }
}
