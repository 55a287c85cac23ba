#if Server
    import CommandLineSupport
    import LanguageModels
    import TextCorpora

    /// The `logprobs` of a choice: four lists side by side, as OpenAI's completions have them.
    struct LogProbabilities {
        private let vocabulary: Vocabulary
        private var decoder: StreamingDecoder
        /// Unicode scalars of the text so far, without one that has begun: a unit may be a byte of it.
        private var offset = 0
        /// Bytes of the one that has begun.
        private var pending = 0
        private var tokens: [JSONValue] = []
        private var logProbabilities: [JSONValue] = []
        private var alternatives: [JSONValue] = []
        private var offsets: [JSONValue] = []

        init(_ vocabulary: Vocabulary) { (self.vocabulary, decoder) = (vocabulary, StreamingDecoder(vocabulary)) }

        /// - Parameter isFirst: of an echoed prompt: nothing came before it, so that it has no probability.
        mutating func append(_ units: [UnitProbability], isFirst: Bool = false) {
            for (index, unit) in units.enumerated() {
                guard let details = unit.details else { continue }
                let text = vocabulary.text(of: details.chosen.id), isUnexpected = isFirst && index == 0
                tokens.append(.string(text))
                offsets.append(.int(place(of: details.chosen.id)))
                logProbabilities.append(isUnexpected ? .null : Self.number(details.chosen.logProbability))
                var beside = Dictionary(
                    details.alternatives.map { (vocabulary.text(of: $0.id), Self.number($0.logProbability)) },
                    uniquingKeysWith: { first, _ in first })
                beside[text] = Self.number(details.chosen.logProbability)
                alternatives.append(isUnexpected ? .null : .object(beside))
            }
        }

        /// Where a unit that comes next begins in the text.
        private mutating func place(of id: Int32) -> Int {
            func scalars(_ bytes: ArraySlice<UInt8>) -> Int {
                String(decoding: bytes, as: UTF8.self).unicodeScalars.count
            }
            let unit = vocabulary.bytes(of: id), whole = decoder.appendBytes(id)
            offset += scalars(whole)
            pending += unit.count - whole.count
            // Those of the unit are the last ones.
            return offset + (pending > 0 ? 1 : 0) - scalars(unit)
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
