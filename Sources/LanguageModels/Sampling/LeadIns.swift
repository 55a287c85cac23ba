import TensorCore
import TextCorpora

/// Pieces of the training text that end where a text may start: a model reads one of them, and writes nothing of it,
/// before it writes.
///
/// A model that was trained with carried state has hardly ever seen the state of zeros from which it would start
/// otherwise. Of 2,000 names written from zeros 14 % were malformed ("HiOlba"), of those after a lead-in 0.1 %, and 0.5 %
/// of those in one long stream. Sixteen units would do; 64 are read in a few milliseconds.
package struct LeadIns: Codable, Sendable, Equatable {
    /// Ids under the vocabulary of the run, all of one length.
    package let texts: [[Int32]]

    /// How many lead-ins a run keeps, and how many units each has: see above.
    static let count = 32
    static let length = 64

    /// Lead-ins from their ids; nil where there are none, or where they are not of one length.
    package init?(_ texts: [[Int32]]) {
        guard let length = texts.first?.count, length > 0, texts.allSatisfy({ $0.count == length }) else { return nil }
        self.texts = texts
    }

    /// Up to 32 lead-ins, spread over a part of a text; of a part of under 128 units each is half as long as it.
    init?(_ corpus: TextCorpus, _ tokens: Tokens, in range: Range<Int>) {
        let length = min(Self.length, range.count / 2), starts = TextStarts(corpus, in: range)
        guard length > 0 else { return nil }
        var places: [Int] = []
        for index in 0..<Self.count {
            let target = range.lowerBound + length + (range.count - length) * index / Self.count
            if let place = starts.next(from: target), place != places.last { places.append(place) }
        }
        self.init(places.map { tokens.ids(in: $0 - length..<$0) })
    }

    /// Units in each lead-in.
    package var length: Int { texts[0].count }

    /// Which one goes before text `index` of a seed. Always the first where the most probable unit is taken each time:
    /// such texts have nothing to do with a seed.
    func choice(
        seed: UInt64, index: Int, options: SamplingOptions, classes: Int, in context: ComputeContext
    ) -> Int {
        guard !options.isGreedy(classes: classes) else { return 0 }
        let coin = RandomStream(seed: seed, stream: 0x3001, step: UInt64(index)).uniform(count: 16, in: context)
        return min(texts.count - 1, Int(Double(coin[0]) * Double(texts.count)))
    }

    /// Stored as an array of arrays.
    package init(from decoder: any Decoder) throws {
        let texts = try [[Int32]](from: decoder)
        guard let leadIns = LeadIns(texts) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "lead-ins of different lengths, or none"))
        }
        self = leadIns
    }

    package func encode(to encoder: any Encoder) throws { try texts.encode(to: encoder) }

    /// Whether all ids are below `classes`.
    package func fits(classes: Int) -> Bool { texts.allSatisfy { $0.allSatisfy { (0..<Int32(classes)).contains($0) } } }
}

extension SamplingOptions {
    /// Whether the most probable unit of so many is taken each time, whatever the model says of them.
    fileprivate func isGreedy(classes: Int) -> Bool {
        temperature == 0 || topK == 1 || minP == 1 || (topP ?? 1) * Double(classes) <= 1
    }
}

/// What a model reads before it writes: a lead-in, of which nothing is written, then the prompt.
struct TextOpening {
    private let leadIn: [Int32]?
    /// Line ends, if they are what the lead-ins of the run end with. All have to: texts that are written together, each
    /// after a lead-in of its own, read one prompt.
    private let lineEnds: [Int32]
    private let startId: Int32

    /// - Parameter choice: which of the lead-ins.
    init(_ leadIns: LeadIns?, _ vocabulary: Vocabulary, choice: Int?) {
        leadIn = choice.flatMap { leadIns?.texts[$0] }
        let ends = TextStarts.lineEnds.compactMap { vocabulary.id(ofUnit: Array($0.utf8)) }
        let areLines = leadIns?.texts.allSatisfy { $0.last.map(ends.contains) ?? false } ?? false
        lineEnds = areLines ? ends : []
        startId = vocabulary.id(ofUnit: Array("\n".utf8)) ?? vocabulary.id(ofUnit: Array(" ".utf8)) ?? 0
    }

    /// The lead-in is left out where the prompt is as long: it leads in itself. Line ends that a prompt begins with are
    /// those that lead-ins end with: blank lines that the model has never seen would only confuse it. Without
    /// lead-ins a text without a prompt begins as after the end of a line.
    func units(before prompt: [Int32]) -> (leadIn: [Int32], prompt: [Int32]) {
        guard let leadIn else { return (prompt.isEmpty ? [startId] : [], prompt) }
        guard prompt.count < leadIn.count else { return ([], prompt) }
        return (leadIn, Array(prompt.drop(while: lineEnds.contains)))
    }

    /// The unit before the first of a text without a prompt.
    var lastId: Int32 { leadIn?.last ?? startId }
}
