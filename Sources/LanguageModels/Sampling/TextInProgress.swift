import FileTrees
import Requirements
import TensorCore
import TextCorpora

/// One of the texts being written: all that it needs besides the steps of the model.
struct TextInProgress {
    private let options: SamplingOptions
    private let context: ComputeContext
    private let random: RandomStream
    private var sampler: UnitSampler
    private var coins: [Float] = []
    /// The units before, as far as the sampler looks back, and some more.
    private var recent: [Int32] = []
    private let vocabulary: Vocabulary
    private var decoder: StreamingDecoder
    private var stops: StopScanner
    private(set) var hasEnded: Bool
    /// Whether a stop has ended it.
    private(set) var hasStopped = false
    /// Units that were chosen, those of a stop among them.
    private(set) var written = 0
    /// Nil where nobody asks for probabilities.
    private var trace: ProbabilityTrace?

    init(
        vocabulary: Vocabulary, options: SamplingOptions, seed: UInt64, index: Int, tracing: UnitTracing = .none,
        in context: ComputeContext
    ) {
        self.options = options
        self.context = context
        random = RandomStream(seed: seed, stream: 0x3000, step: UInt64(index))
        sampler = UnitSampler(options: options, excluded: vocabulary.replacementId, in: context)
        self.vocabulary = vocabulary
        decoder = StreamingDecoder(vocabulary)
        trace = ProbabilityTrace(tracing, in: context)
        stops = StopScanner(options.stop)
        hasEnded = options.length == 0
    }

    /// Units that the model has read before what it writes.
    mutating func read(_ ids: some BidirectionalCollection<Int32>) {
        guard options.repetitionPenalty != 1 else { return }
        if recent.count >= 4 * UnitSampler.memory { recent.removeFirst(recent.count - UnitSampler.memory) }
        recent.append(contentsOf: ids.suffix(UnitSampler.memory))
    }

    /// Chooses the next unit.
    /// - Returns: the unit, for the model to read, or nil if the text has ended with it; and the text that is certain now,
    ///   whole characters where it is UTF-8.
    mutating func choose(from logits: UnsafeBufferPointer<Float>) -> (id: Int32?, text: ArraySlice<UInt8>) {
        require(!hasEnded, "a unit after the end of a text")
        let id = sampler.choose(logits, recent: recent[...], coin: coin())
        trace?.append(id, byteCount: vocabulary.bytes(of: id).count, logits: logits)
        written += 1
        let (text, isStop) = stops.append(decoder.appendBytes(id))
        if isStop {
            hasEnded = true
            hasStopped = true
            return (nil, text)
        }
        guard written < options.length else {
            hasEnded = true
            let (rest, isStop) = stops.finish(decoder.finishBytes())
            hasStopped = isStop
            return (nil, text + rest)
        }
        read(CollectionOfOne(id))
        return (id, text)
    }

    /// The probabilities of the next `count` bytes that ``choose(from:)`` has given out; none where they are not traced.
    mutating func takeProbabilities(ofBytes count: Int) -> [UnitProbability] { trace?.take(count) ?? [] }

    /// Coin number `written`, drawn 64 at a time.
    private mutating func coin() -> Double {
        if written % 64 == 0 { coins = random.uniform(first: written, count: 64, in: context) }
        return Double(coins[written % 64])
    }
}

/// Finds the first stop string in a text that arrives in pieces, and holds back what might be the beginning of one.
///
/// Strings are compared byte by byte, so that the result does not depend on where the pieces are cut: as characters,
/// "e" would end a text or not according to whether its accent came in the same piece.
package struct StopScanner {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []

    package init(_ stops: [String]) { self.stops = stops.map(ByteText.bytes) }

    /// - Returns: text that is certain to come before any stop, and whether a stop has been reached.
    package mutating func append(_ piece: ArraySlice<UInt8>) -> (text: ArraySlice<UInt8>, isStop: Bool) {
        guard !stops.isEmpty else { return (piece, false) }
        held.append(contentsOf: piece)
        return scan(holding: true)
    }

    /// Nothing follows `piece`: what might have been the beginning of a longer stop is none.
    /// - Returns: what was held back, up to a stop, and whether there is one.
    package mutating func finish(_ piece: ArraySlice<UInt8>) -> (text: ArraySlice<UInt8>, isStop: Bool) {
        guard !stops.isEmpty else { return (piece, false) }
        held.append(contentsOf: piece)
        return scan(holding: false)
    }

    private mutating func scan(holding: Bool) -> (text: ArraySlice<UInt8>, isStop: Bool) {
        var start = 0
        while start < held.count {
            let rest = held[start...]
            if stops.contains(where: { rest.starts(with: $0) }) {
                defer { held = [] }
                return (held[..<start], true)
            }
            if holding, stops.contains(where: { $0.starts(with: rest) }) { break }
            start += 1
        }
        defer { held.removeFirst(start) }
        return (held[..<start], false)
    }
}
