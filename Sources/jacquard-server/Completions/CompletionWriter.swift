#if Server
    import CommandLineSupport
    import Foundation
    import LanguageModels
    import ServedModels
    import ServerRequests
    import TextCorpora

    /// Makes an answer of what is written for a request, whole or in chunks, in the shape of OpenAI's completions.
    struct CompletionWriter {
        private let request: CompletionRequest
        private let model: ServedTextModel
        private let promptUnits: Int
        private let warnings: [JSONValue]
        private let id: String
        private let created: Int
        private var choices: [Choice]
        private var writtenUnits: [Int]

        private struct Choice {
            var bytes: [UInt8] = []
            var logProbabilities: LogProbabilities?
            var finishReason: String?
        }

        /// - Parameters:
        ///   - prompts: that of each text.
        ///   - echoed: what is said of the units of each prompt, where the request echoes them with logprobs.
        init(
            _ request: CompletionRequest, model: ServedTextModel, prompts: [EncodedText],
            echoed: [[UnitProbability]]
        ) {
            (self.request, self.model) = (request, model)
            // A prompt counts once, however many texts go on from it.
            let once = stride(from: 0, to: prompts.count, by: request.count).map { prompts[$0] }
            promptUnits = once.reduce(0) { $0 + $1.ids.count }
            let unknown = once.enumerated().flatMap { place, prompt in
                prompt.warnings(field: once.count == 1 ? "prompt" : "prompt[\(place)]")
            }
            warnings = (request.warnings + request.ineffective(with: model.vocabulary) + unknown).map(JSONValue.string)
            id = "cmpl-" + UUID().uuidString.lowercased().filter { $0 != "-" }
            created = Int(Date().timeIntervalSince1970)
            writtenUnits = Array(repeating: 0, count: prompts.count)
            choices = request.prompts.indices.flatMap { prompt in
                (0..<request.count).map { _ in
                    var choice = Choice()
                    if request.alternatives != nil { choice.logProbabilities = LogProbabilities(model.vocabulary) }
                    if request.echoes {
                        choice.bytes = model.vocabulary.foldingLineEnds(Array(request.prompts[prompt].utf8))
                        if prompt < echoed.count { choice.logProbabilities?.append(echoed[prompt], of: choice.bytes) }
                    }
                    // Nothing is to be written: the prompt is all.
                    if request.length == 0 { choice.finishReason = "length" }
                    return choice
                }
            }
        }

        mutating func append(_ pieces: [WrittenPiece]) {
            for piece in pieces {
                choices[piece.text].bytes += piece.bytes
                choices[piece.text].logProbabilities?.append(piece.units)
                choices[piece.text].finishReason = piece.ending.map { $0 == .stop ? "stop" : "length" }
                writtenUnits[piece.text] = piece.unitCount
            }
        }

        /// The whole answer.
        mutating func answer() -> JSONValue {
            var json = frame(choices.indices.map { choice($0) })
            json["usage"] = usage
            if !warnings.isEmpty { json["warnings"] = .array(warnings) }
            return .object(json)
        }

        /// What has come since the last chunk; nil if there is nothing to say.
        mutating func chunk() -> JSONValue? {
            let changed = choices.indices.filter { !choices[$0].bytes.isEmpty || choices[$0].finishReason != nil }
            guard !changed.isEmpty else { return nil }
            var json = frame(changed.map { choice($0) })
            if request.includesUsage { json["usage"] = .null }
            return .object(json)
        }

        /// The first chunk of a stream, before anything has been written; nil where there is nothing to say.
        mutating func opening() -> JSONValue? {
            guard !warnings.isEmpty else { return chunk() }
            // Clients look at the choices of every event: those that have nothing yet stand there with an empty text.
            var json = frame(choices.indices.map { choice($0) })
            if request.includesUsage { json["usage"] = .null }
            json["warnings"] = .array(warnings)
            return .object(json)
        }

        /// The last chunk of a stream whose request asked for it.
        var usageChunk: JSONValue? {
            guard request.includesUsage else { return nil }
            var json = frame([])
            json["usage"] = usage
            return .object(json)
        }

        private func frame(_ choices: [JSONValue]) -> [String: JSONValue] {
            [
                "id": .string(id), "object": "text_completion", "created": .int(created), "model": .string(model.run),
                "choices": .array(choices), "seed": .int(Int(bitPattern: UInt(request.seed))),
            ]
        }

        private var usage: JSONValue {
            let written = writtenUnits.reduce(0, +)
            return [
                "prompt_tokens": .int(promptUnits), "completion_tokens": .int(written),
                "total_tokens": .int(promptUnits + written),
            ]
        }

        private mutating func choice(_ index: Int) -> JSONValue {
            let text = String(decoding: choices[index].bytes, as: UTF8.self)
            choices[index].bytes = []
            let probabilities = choices[index].logProbabilities?.take()
            let reason = choices[index].finishReason
            choices[index].finishReason = nil
            return [
                "index": .int(index), "text": .string(text), "finish_reason": JSONValue(reason),
                "logprobs": probabilities ?? .null,
            ]
        }
    }
#endif
