import Autodiff
import Layers
public import TensorCore
public import TextCorpora

/// Writes text with a model, piece by piece.
///
///     var generator = TextGenerator(model: model, vocabulary: vocabulary, options: options, seed: 1, index: 0, in: context)
///     generator.read("HESTER:\n")
///     while let piece = generator.next() { print(piece, terminator: "") }
///
/// The text is a function of model, prompt, options, seed and index only.
public struct TextGenerator: IteratorProtocol, Sequence {
    private let model: LanguageModel
    private let vocabulary: Vocabulary
    private let options: SamplingOptions
    private let sampler: UnitSampler
    private let context: ComputeContext
    private let random: RandomStream
    private var coins: [Float] = []
    package private(set) var state: ModelState
    private var recent: [Int32] = []
    private var logits: [Float] = []
    private var decoder: StreamingDecoder
    private var stops: StopScanner
    private var written = 0
    private var hasEnded = false

    /// - Parameter index: which text of several; each has random numbers of its own.
    public init(
        model: LanguageModel, vocabulary: Vocabulary, options: SamplingOptions, seed: UInt64, index: Int,
        in context: ComputeContext
    ) {
        self.model = model
        self.vocabulary = vocabulary
        self.options = options
        self.context = context
        sampler = UnitSampler(options: options, excluded: vocabulary.replacementId)
        random = RandomStream(seed: seed, stream: 0x3000, step: UInt64(index))
        state = ModelState(zerosFor: model.configuration, lanes: 1)
        decoder = StreamingDecoder(vocabulary)
        stops = StopScanner(options.stop)
    }

    /// Reads a prompt without writing it.
    /// - Returns: units of the prompt that the model has never seen; it read its replacement symbol for each.
    @discardableResult
    public mutating func read(_ prompt: String) -> [UnitCount] {
        let encoded = vocabulary.encode(prompt)
        // A piece with more units than there are classes would go through the product with the embedding's whole table,
        // which rounds otherwise: the state must not depend on the pieces that a prompt comes in.
        let size = Swift.min(256, model.configuration.classes)
        for start in stride(from: 0, to: encoded.ids.count, by: size) {
            advance(Array(encoded.ids[start..<Swift.min(start + size, encoded.ids.count)]))
        }
        return encoded.unknown
    }

    /// The next piece of text, usually one character; nil at the end.
    public mutating func next() -> String? {
        while !hasEnded {
            guard written < options.length else {
                hasEnded = true
                let rest = stops.finish(decoder.finish())
                return rest.isEmpty ? nil : rest
            }
            if logits.isEmpty { advance([startId]) }
            let id = sampler.choose(logits, recent: recent[...], coin: coin(written))
            written += 1
            let (piece, isStop) = stops.append(decoder.append(id))
            if isStop { hasEnded = true } else { advance([id]) }
            if !piece.isEmpty { return piece }
        }
        return nil
    }

    /// All of it.
    public mutating func text() -> String {
        var text = ""
        while let piece = next() { text += piece }
        return text
    }

    /// Without a prompt a text begins as after the end of a line.
    private var startId: Int32 {
        vocabulary.id(ofUnit: Array("\n".utf8)) ?? vocabulary.id(ofUnit: Array(" ".utf8)) ?? 0
    }

    private mutating func advance(_ ids: [Int32]) {
        guard !ids.isEmpty else { return }
        let tape = Tape(in: context, recording: false)
        let (all, after) = model(ids, state: state, mode: .inference, on: tape)
        let classes = model.configuration.classes
        logits = all.value.withUnsafePointer {
            Array(UnsafeBufferPointer(start: $0 + (ids.count - 1) * classes, count: classes))
        }
        state = after
        recent = Array((recent + ids).suffix(UnitSampler.memory))
    }

    /// Coin number `position`, drawn 64 at a time.
    private mutating func coin(_ position: Int) -> Double {
        if position % 64 == 0 { coins = random.uniform(first: position, count: 64, in: context) }
        return Double(coins[position % 64])
    }
}
