package import TensorCore
package import TextCorpora

/// Texts that a model writes at the same time for whoever asks, and when: prompts are read in slices between the steps of
/// the texts that are on their way, which all advance in one batch (continuous batching; Yu et al. 2022, "Orca").
///
///     var texts = ConcurrentTexts(model: model, vocabulary: vocabulary, leadIns: leadIns, in: context)
///     texts.begin(1, prompt: ids, options: options, seed: 7, index: 0)
///     while !texts.isEmpty { texts.advance { print($0.key, String(decoding: $0.bytes, as: UTF8.self)) } }
///
/// Each text is the one that a ``TextGenerator`` of the same prompt, options, seed and index writes, to the bit.
package struct ConcurrentTexts {
    /// What became certain of a text in one step.
    package struct Piece {
        package let key: Int
        /// Whole characters, where it is UTF-8; often empty.
        package let bytes: ArraySlice<UInt8>
        /// Of the units of these bytes, as far as they are traced.
        package let units: [UnitProbability]
        /// Nil while the text goes on.
        package let ending: Ending?
        /// Units chosen so far, those of a stop among them.
        package let unitCount: Int
    }

    package enum Ending: Sendable, Equatable {
        /// One of the stops came; the text ends before it.
        case stop
        /// It has as many units as were asked for.
        case length
    }

    /// What texts read before they write, and how far it has been read.
    private struct Opening {
        let leadIn: Int?
        let units: [Int32]
        var lane: ModelLanes?
        var readCount = 0
        var texts: [(key: Int, text: TextInProgress)]
    }

    /// Units of prompts read between two steps of texts that are on their way: some milliseconds of a large model.
    private static let slice = 64

    private let model: LanguageModel
    private let vocabulary: Vocabulary
    private let leadIns: LeadIns?
    private let context: ComputeContext
    private var openings: [Opening] = []
    private var batch = TextBatch()
    /// Lanes that have read a lead-in, by its number: there are few of them, and every short prompt comes after one.
    private var leadInLanes: [Int: ModelLanes] = [:]

    package init(model: LanguageModel, vocabulary: Vocabulary, leadIns: LeadIns?, in context: ComputeContext) {
        (self.model, self.vocabulary, self.leadIns, self.context) = (model, vocabulary, leadIns, context)
    }

    /// Texts that can be written at once: with more lanes than classes the model would round otherwise than with one.
    package var capacity: Int { Swift.min(64, model.configuration.classes) }
    package var count: Int { batch.count + openings.reduce(0) { $0 + $1.texts.count } }
    package var isEmpty: Bool { count == 0 }

    /// - Parameters:
    ///   - key: what its pieces go by; no other text has it.
    ///   - prompt: ids under the vocabulary.
    /// - Precondition: an ``SamplingOptions/length`` of at least 1.
    package mutating func begin(
        _ key: Int, prompt: [Int32], options: SamplingOptions, seed: UInt64, index: Int, tracing: UnitTracing = .none
    ) {
        let choice = leadIns?.choice(
            seed: seed, index: index, options: options, classes: model.configuration.classes, in: context)
        let opening = TextOpening(leadIns, vocabulary, choice: choice)
        var text = TextInProgress(
            vocabulary: vocabulary, options: options, seed: seed, index: index, tracing: tracing, in: context)
        text.read(prompt.isEmpty ? [opening.lastId] : prompt)
        let (leadIn, rest) = opening.units(before: prompt)
        // Without lead-ins, what goes before an empty prompt is read as one.
        let number = leadIn.isEmpty ? nil : choice, units = number == nil ? leadIn + rest : rest
        if let place = openings.firstIndex(where: { $0.readCount == 0 && $0.leadIn == number && $0.units == units }) {
            openings[place].texts.append((key, text))
        } else {
            openings.append(Opening(leadIn: number, units: units, texts: [(key, text)]))
        }
    }

    /// Ends texts before their time.
    package mutating func leave(where isLeaving: (Int) -> Bool) {
        batch.leave(where: isLeaving)
        for place in openings.indices { openings[place].texts.removeAll { isLeaving($0.key) } }
        openings.removeAll { $0.texts.isEmpty }
    }

    /// Reads a slice of the prompts, and takes every text whose prompt is read a unit further.
    package mutating func advance(_ give: (Piece) -> Void) {
        readPrompts()
        batch.step { key, bytes, text in
            let units = text.takeProbabilities(ofBytes: bytes.count)
            let ending: Ending? = text.hasEnded ? (text.hasStopped ? .stop : .length) : nil
            give(Piece(key: key, bytes: bytes, units: units, ending: ending, unitCount: text.written))
        }
    }

    private mutating func readPrompts() {
        var left = Self.slice
        while left > 0, !openings.isEmpty {
            var opening = openings.removeFirst()
            var lane = opening.lane ?? leadInLane(opening.leadIn)
            let read = opening.units[opening.readCount...].prefix(left)
            if !read.isEmpty { lane.read(Array(read)) }
            left -= Swift.max(1, read.count)
            opening.readCount += read.count
            if opening.readCount == opening.units.count {
                batch.join(opening.texts, after: lane, sources: opening.texts.map { _ in 0 })
            } else {
                opening.lane = lane
                openings.insert(opening, at: 0)
            }
        }
    }

    private mutating func leadInLane(_ number: Int?) -> ModelLanes {
        if let number, let lane = leadInLanes[number] { return lane }
        var lane = ModelLanes(model, in: context)
        if let number, let leadIns {
            lane.read(leadIns.texts[number])
            leadInLanes[number] = lane
        }
        return lane
    }
}
