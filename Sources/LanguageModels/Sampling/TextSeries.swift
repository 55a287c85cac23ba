import Requirements
package import TensorCore
package import TextCorpora

/// Writes several texts in order, up to 64 of them together: a step of the model that takes 64 texts a unit further
/// costs a fraction of 64 steps.
///
///     var series = TextSeries(model: model, vocabulary: vocabulary, options: options, seed: 1, count: 10, in: context)
///     for piece in series { print(piece.text, terminator: piece.isLast ? "\n\n" : "") }
///
/// Text k has the bits that a ``TextGenerator`` of index k writes; the other texts change nothing. The first text
/// that has not ended comes as it is made, the others of its group wait until it is their turn.
package struct TextSeries: IteratorProtocol, Sequence {
    package struct Piece: Sendable, Equatable {
        /// The number of the text in the series.
        package let index: Int
        /// Usually one character; all that was waiting when the text before has ended. Empty only at an end.
        package var text: String { String(decoding: bytes, as: UTF8.self) }
        /// The piece as bytes, which need not be UTF-8 where a model of bytes wrote them.
        package let bytes: [UInt8]
        /// Whether the text ends here: true exactly once for every text.
        package let isLast: Bool
        /// What the bytes belong to, in their order; empty unless the series was told to give it.
        package let probabilities: [UnitProbability]
    }

    /// The most units that the texts of a group may hold, all together, while they wait for their turn.
    private static let heldUnits = 1 << 24
    /// The most texts that are written together: more gain little, and each takes a lane of state.
    private static let largestGroup = 64

    private let model: LanguageModel
    private let vocabulary: Vocabulary
    private let options: SamplingOptions
    private let leadIns: LeadIns?
    private let prompt: [UInt8]
    private let seed: UInt64
    private let count: Int
    private let givesProbabilities: Bool
    private let context: ComputeContext
    /// The ids of the prompt; nil until it is needed.
    private var promptIds: [Int32]?
    /// The lane that has read a prompt which no lead-in goes before.
    private var promptLane: ModelLanes?
    private var group: TextGroup?
    private var members: Range<Int> = 0..<0
    private var index = 0

    /// - Parameters:
    ///   - leadIns: of the model's run; one of them is read before a short prompt, or before the text. Nil: the model
    ///     starts from a state of zeros.
    ///   - prompt: what each text goes on from; it is read when the first piece is asked for.
    ///   - count: texts to write.
    package init(
        model: LanguageModel, vocabulary: Vocabulary, leadIns: LeadIns? = nil, options: SamplingOptions,
        prompt: String = "", seed: UInt64, count: Int, in context: ComputeContext
    ) {
        self.init(
            model: model, vocabulary: vocabulary, leadIns: leadIns, options: options, prompt: Array(prompt.utf8),
            seed: seed, count: count, in: context)
    }

    /// A series whose prompt is UTF-8, or any bytes for a model of bytes.
    /// - Parameter givesProbabilities: each piece says how probable the model held its units, which takes another
    ///   exponential of each class for each unit.
    package init(
        model: LanguageModel, vocabulary: Vocabulary, leadIns: LeadIns? = nil, options: SamplingOptions,
        prompt: [UInt8], seed: UInt64, count: Int, givesProbabilities: Bool = false, in context: ComputeContext
    ) {
        require(count >= 0, "\(count) texts")
        self.model = model
        self.vocabulary = vocabulary
        self.leadIns = leadIns
        self.options = options
        self.prompt = prompt
        self.seed = seed
        self.count = count
        self.givesProbabilities = givesProbabilities
        self.context = context
    }

    /// The next piece, of the same text or of the one after; nil after the last text.
    package mutating func next() -> Piece? {
        guard index < count else { return nil }
        if group == nil || !members.contains(index) { begin() }
        let place = index - members.lowerBound
        while true {
            let (bytes, probabilities) = group?.take(place) ?? ([], []), isLast = group?.hasEnded(place) ?? true
            if isLast || !bytes.isEmpty {
                defer { if isLast { index += 1 } }
                return Piece(index: index, bytes: bytes, isLast: isLast, probabilities: probabilities)
            }
            group?.step()
        }
    }

    /// A new group, of as many texts as their memory and the model allow: with more lanes than classes the model would
    /// round otherwise than with one.
    private mutating func begin() {
        group = nil
        let prompt = promptIds ?? (options.length == 0 ? [] : vocabulary.encode(prompt).ids)
        promptIds = prompt
        let held = Swift.max(1, Self.heldUnits / Swift.max(1, options.length))
        let size = Swift.min(Self.largestGroup, held, model.configuration.classes, count - index)
        members = index..<index + size
        let openings = members.map { index in
            TextOpening(
                leadIns, vocabulary,
                choice: leadIns?.choice(
                    seed: seed, index: index, options: options, classes: model.configuration.classes, in: context))
        }
        let texts = zip(members, openings).map { index, opening in
            var text = TextInProgress(
                vocabulary: vocabulary, options: options, seed: seed, index: index,
                tracing: givesProbabilities ? .probabilities : .none, in: context)
            text.read(prompt.isEmpty ? [opening.lastId] : prompt)
            return text
        }
        let units = openings.map { $0.units(before: prompt) }
        // Lead-ins of a run are of one length and end alike: what is left of the prompt is the same for all texts.
        let (lanes, sources) = read(units[0].prompt, after: units.map(\.leadIn))
        group = TextGroup(texts, after: lanes, sources: sources)
    }

    /// A lane for each opening that is unlike the others, side by side, and which of them each text has.
    private mutating func read(_ prompt: [Int32], after openings: [[Int32]]) -> (lanes: ModelLanes, sources: [Int]) {
        if openings.allSatisfy(\.isEmpty) {
            if promptLane == nil {
                promptLane = ModelLanes(model, in: context)
                promptLane?.read(prompt)
            }
            if let promptLane { return (promptLane, openings.map { _ in 0 }) }
        }
        var distinct: [[Int32]] = []
        let sources = openings.map { opening in
            if let place = distinct.firstIndex(of: opening) { return place }
            distinct.append(opening)
            return distinct.count - 1
        }
        var lanes = ModelLanes(model, lanes: distinct.count, in: context)
        if distinct.count == 1 {
            lanes.read(distinct[0] + prompt)
        } else {
            // All of one length.
            for place in distinct[0].indices { lanes.read(distinct.map { $0[place] }) }
            for id in prompt { lanes.read(distinct.map { _ in id }) }
        }
        return (lanes, sources)
    }
}

/// Some texts that are written together, what they have written and nobody has taken yet.
private struct TextGroup {
    private struct Place {
        var bytes: [UInt8] = []
        var probabilities: [UnitProbability] = []
        var hasEnded: Bool
    }
    private var batch: TextBatch
    private var places: [Place]

    /// - Parameters:
    ///   - start: lanes that have read what texts begin with.
    ///   - sources: the lane of each text.
    init(_ texts: [TextInProgress], after start: ModelLanes, sources: [Int]) {
        places = texts.map { Place(hasEnded: $0.hasEnded) }
        batch = TextBatch()
        batch.join(texts.enumerated().map { (key: $0, text: $1) }, after: start, sources: sources)
    }

    func hasEnded(_ place: Int) -> Bool { places[place].hasEnded }

    mutating func take(_ place: Int) -> (bytes: [UInt8], probabilities: [UnitProbability]) {
        defer { (places[place].bytes, places[place].probabilities) = ([], []) }
        return (places[place].bytes, places[place].probabilities)
    }

    mutating func step() {
        batch.step { key, bytes, text in
            places[key].bytes += bytes
            places[key].probabilities += text.takeProbabilities(ofBytes: bytes.count)
            places[key].hasEnded = text.hasEnded
        }
    }
}
