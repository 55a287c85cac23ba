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

        mutating func append(_ units: [UnitProbability]) {
            for unit in units {
                guard let details = unit.details else { continue }
                offsets.append(.int(place(of: vocabulary.bytes(of: details.chosen.id))))
                append(details)
            }
        }

        /// What is said of a prompt that stands before the text as it was given, with characters that the model does not know.
        /// Nothing came before its first unit, so that it has no probability.
        mutating func append(_ units: [UnitProbability], of prompt: [UInt8]) {
            var rest = units.compactMap(\.details)[...]
            for spelling in vocabulary.units(of: prompt) {
                let place = place(of: spelling[...])
                guard vocabulary.isRead(spelling), let details = rest.popFirst() else { continue }
                offsets.append(.int(place))
                append(details, isExpected: !tokens.isEmpty)
            }
        }

        private mutating func append(_ details: UnitProbability.Details, isExpected: Bool = true) {
            tokens.append(.string(vocabulary.text(of: details.chosen.id)))
            logProbabilities.append(isExpected ? Self.number(details.chosen.logProbability) : .null)
            let isAmongThem = details.alternatives.contains { $0.id == details.chosen.id }
            let all = details.alternatives + (isAmongThem ? [] : [details.chosen])
            let members = all.map { JSONValue.Member(vocabulary.text(of: $0.id), Self.number($0.logProbability)) }
            alternatives.append(isExpected ? .members(members) : .null)
        }

        /// Where a unit that comes next begins in the text.
        private mutating func place(of unit: ArraySlice<UInt8>) -> Int {
            func scalars(_ bytes: ArraySlice<UInt8>) -> Int {
                String(decoding: bytes, as: UTF8.self).unicodeScalars.count
            }
            let whole = decoder.append(unit)
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
