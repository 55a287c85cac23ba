import Requirements
package import TensorCore
package import TextCorpora

/// A text that a person and a model write together: the model offers continuations, the person takes one, asks for
/// others, or adds words of their own, and may go back step by step.
///
///     var session = WritingSession(model: model, vocabulary: vocabulary, options: options, seed: 1, in: context)
///     session.append(Array("The loom".utf8))
///     session.take(session.continuations(count: 4)[2])
///     session.undo()
///
/// What is offered is a function of model, text, options, seed and of how often others were asked for at this text: after
/// an undo the same continuations come again. At the text that a session begins with they are the texts 0, 1, … that a
/// ``TextSeries`` of its seed writes.
package struct WritingSession {
    package struct Continuation: Sendable, Equatable {
        /// UTF-8, or any bytes of a model of bytes.
        package let bytes: [UInt8]
        /// The geometric mean of its units' probabilities: how sure the model was of each.
        package let meanProbability: Double
    }

    /// How many units the model reads of a longer text, from its end.
    package static let memory = 1024
    package static let lengths = 1...2000
    package static let temperatures = 0.0...5.0

    /// UTF-8, or any bytes for a model of bytes.
    package private(set) var text: [UInt8]
    /// How units are chosen, and how many.
    package private(set) var options: SamplingOptions

    private let model: LanguageModel
    private let vocabulary: Vocabulary
    private let leadIns: LeadIns?
    private let seed: UInt64
    private let context: ComputeContext
    private let firstCount: Int
    /// Whether the lines of the text that was there end with CR LF, so that those that are added do.
    private let endsLinesWithCRLF: Bool
    /// How long the text was before each step that can be undone.
    private var steps: [Int] = []
    /// How often other continuations of this text were asked for.
    private var round = 0

    /// - Parameters:
    ///   - leadIns: of the model's run; one of them is read before a short text.
    ///   - text: what is there already, which nothing undoes.
    package init(
        model: LanguageModel, vocabulary: Vocabulary, leadIns: LeadIns? = nil, text: [UInt8] = [],
        options: SamplingOptions, seed: UInt64, in context: ComputeContext
    ) {
        (self.model, self.vocabulary, self.leadIns) = (model, vocabulary, leadIns)
        (self.text, self.options, self.seed, self.context) = (text, options, seed, context)
        firstCount = text.count
        let (lineFeeds, pairs) = zip([0] + text, text).reduce(into: (0, 0)) { counts, bytes in
            guard bytes.1 == Self.lineFeed else { return }
            counts.0 += 1
            if bytes.0 == Self.carriageReturn { counts.1 += 1 }
        }
        endsLinesWithCRLF = lineFeeds > 0 && pairs == lineFeeds
    }

    private static let lineFeed = UInt8(ascii: "\n"), carriageReturn = UInt8(ascii: "\r")

    // MARK: The text

    /// Adds words; a line feed becomes what ends the lines of the text that was there.
    package mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        steps.append(text.count)
        for byte in bytes {
            if byte == Self.lineFeed, endsLinesWithCRLF, text.last != Self.carriageReturn {
                text.append(Self.carriageReturn)
            }
            text.append(byte)
        }
        round = 0
    }

    package mutating func take(_ continuation: Continuation) { append(continuation.bytes) }

    /// Takes the last addition away.
    /// - Returns: whether there was one.
    @discardableResult
    package mutating func undo() -> Bool {
        guard let count = steps.popLast() else { return false }
        text.removeSubrange(count...)
        round = 0
        return true
    }

    /// Some words as the model reads them; nil: what it reads of the text.
    package func encoded(_ words: [UInt8]? = nil) -> EncodedText {
        vocabulary.encode(words.map(vocabulary.foldingLineEnds) ?? read)
    }

    // MARK: What is offered

    /// The next ``continuations(count:unless:)`` of this text are others.
    package mutating func askForOthers() { round += 1 }

    /// Twice as long from now on, or half as long.
    package mutating func lengthen() { setLength(options.length * 2) }
    package mutating func shorten() { setLength(options.length / 2) }

    /// A tenth bolder from now on, or a tenth safer.
    package mutating func heat() { setTemperature(options.temperature + 0.1) }
    package mutating func cool() { setTemperature(options.temperature - 0.1) }

    private mutating func setLength(_ length: Int) {
        options.length = Swift.min(Swift.max(length, Self.lengths.lowerBound), Self.lengths.upperBound)
    }

    private mutating func setTemperature(_ temperature: Double) {
        let rounded = (temperature * 10).rounded() / 10
        options.temperature = Swift.min(
            Swift.max(rounded, Self.temperatures.lowerBound), Self.temperatures.upperBound)
    }

    /// Continuations of the text, made together; equal ones are offered once, and where the most probable unit is taken
    /// each time there is but one.
    ///
    /// - Parameter isCancelled: asked now and then; nothing is offered once it says so.
    package func continuations(count: Int, unless isCancelled: () -> Bool = { false }) -> [Continuation] {
        require(count > 0, "\(count) continuations")
        let series = TextSeries(
            model: model, vocabulary: vocabulary, leadIns: leadIns, options: options, prompt: read, seed: drawSeed,
            count: count, givesProbabilities: true, in: context)
        var texts: [(bytes: [UInt8], nats: Double, units: Int)] = Array(repeating: ([], 0, 0), count: count)
        for piece in series {
            if isCancelled() { return [] }
            texts[piece.index].bytes += piece.bytes
            for probability in piece.probabilities.compactMap(\.probability) {
                texts[piece.index].nats -= DeterministicMath.log(
                    Double(Swift.max(probability, .leastNormalMagnitude)))
                texts[piece.index].units += 1
            }
        }
        var offered: Set<[UInt8]> = []
        return texts.filter { !$0.bytes.isEmpty && offered.insert($0.bytes).inserted }.map { text in
            Continuation(
                bytes: text.bytes,
                meanProbability: DeterministicMath.exp(-text.nats / Double(Swift.max(1, text.units))))
        }
    }

    /// Other coins at every place and in every round: with the same ones the first continuation would begin with the same
    /// quantile of each distribution.
    private var drawSeed: UInt64 {
        seed &+ UInt64(truncatingIfNeeded: text.count - firstCount) &* 0x9E37_79B9_7F4A_7C15
            &+ UInt64(round) &* 0xD1B5_4A32_D192_ED03
    }

    /// What the model reads: the end of the text, with the line ends that it knows.
    private var read: [UInt8] {
        vocabulary.foldingLineEnds(Array(text[Self.start(ofLast: Self.memory, vocabulary.unit, of: text)...]))
    }

    /// Where the last `count` units of a text begin.
    private static func start(ofLast count: Int, _ unit: TextUnit, of text: [UInt8]) -> Int {
        guard unit != .byte else { return Swift.max(0, text.count - count) }
        var start = text.count, scalars = 0
        // Of clusters so many that theirs are among them.
        let wanted = unit == .grapheme ? 8 * count : count
        while start > 0, scalars < wanted {
            start -= 1
            if text[start] & 0xC0 != 0x80 { scalars += 1 }
        }
        guard unit == .grapheme else { return start }
        return text.count - String(decoding: text[start...], as: UTF8.self).suffix(count).utf8.count
    }
}
