#if Server
    import CommandLineSupport
    import LanguageModels
    import TextCorpora

    /// The `logprobs` of a choice: four lists side by side, as OpenAI's completions have them.
    struct LogProbabilities {
        private let vocabulary: Vocabulary
        /// Unicode scalars of the text so far.
        private var offset = 0
        private var tokens: [JSONValue] = []
        private var logProbabilities: [JSONValue] = []
        private var alternatives: [JSONValue] = []
        private var offsets: [JSONValue] = []

        init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

        /// - Parameter isFirst: of an echoed prompt: nothing came before it, so that it has no probability.
        mutating func append(_ units: [UnitProbability], isFirst: Bool = false) {
            for (place, unit) in units.enumerated() {
                guard let details = unit.details else { continue }
                let text = vocabulary.text(of: details.chosen.id), isUnexpected = isFirst && place == 0
                tokens.append(.string(text))
                offsets.append(.int(offset))
                logProbabilities.append(isUnexpected ? .null : Self.number(details.chosen.logProbability))
                var beside = Dictionary(
                    details.alternatives.map { (vocabulary.text(of: $0.id), Self.number($0.logProbability)) },
                    uniquingKeysWith: { first, _ in first })
                beside[text] = Self.number(details.chosen.logProbability)
                alternatives.append(isUnexpected ? .null : .object(beside))
                offset += text.unicodeScalars.count
            }
        }

        /// What has been added since the last call.
        mutating func take() -> JSONValue {
            defer { (tokens, logProbabilities, alternatives, offsets) = ([], [], [], []) }
            return [
                "tokens": .array(tokens), "token_logprobs": .array(logProbabilities),
                "top_logprobs": .array(alternatives), "text_offset": .array(offsets),
            ]
        }

        /// Six decimals: more than anybody compares, and streams stay short.
        private static func number(_ value: Double) -> JSONValue { .number((value * 1e6).rounded() / 1e6) }
    }
#endif
