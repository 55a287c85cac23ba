package import TensorCore
package import TextCorpora

/// Writes text with a model, piece by piece.
///
///     var generator = TextGenerator(model: model, vocabulary: vocabulary, options: options, seed: 1, index: 0, in: context)
///     generator.read("HESTER:\n")
///     while let piece = generator.next() { print(piece, terminator: "") }
///
/// The text is a function of model, lead-ins, prompt, options, seed and index only. ``TextSeries`` writes the texts 0,
/// 1, … of a seed together, in less time than one after the other takes.
package struct TextGenerator: IteratorProtocol, Sequence {
    private let vocabulary: Vocabulary
    private var lane: ModelLanes
    private var progress: TextInProgress
    private let opening: TextOpening
    /// Ids of the prompt that the model has not read yet: it reads them, after a lead-in, when the first unit is
    /// chosen.
    private var prompt: [Int32] = []
    /// The unit that was chosen last and that the model has not read yet, so that a piece is given out as soon as it is
    /// chosen.
    private var unread: Int32?

    /// - Parameters:
    ///   - leadIns: of the model's run; one of them is read before a short prompt, or before the text. Nil: the model
    ///     starts from a state of zeros.
    ///   - index: which text of several; each has random numbers of its own.
    package init(
        model: LanguageModel, vocabulary: Vocabulary, leadIns: LeadIns? = nil, options: SamplingOptions, seed: UInt64,
        index: Int, in context: ComputeContext
    ) {
        self.vocabulary = vocabulary
        opening = TextOpening(
            leadIns, vocabulary,
            choice: leadIns?.choice(
                seed: seed, index: index, options: options, classes: model.configuration.classes, in: context))
        lane = ModelLanes(model, in: context)
        progress = TextInProgress(vocabulary: vocabulary, options: options, seed: seed, index: index, in: context)
    }

    /// Reads a prompt without writing it.
    /// - Returns: units of the prompt that the model has never seen; it read its replacement symbol for each.
    @discardableResult
    package mutating func read(_ prompt: String) -> [UnitCount] { read(Array(prompt.utf8)) }

    /// Reads a prompt in UTF-8, or of any bytes for a model of bytes, without writing it.
    @discardableResult
    package mutating func read(_ prompt: [UInt8]) -> [UnitCount] {
        let encoded = vocabulary.encode(prompt)
        if lane.hasRead {
            readChosen()
            lane.read(encoded.ids)
        } else {
            self.prompt += encoded.ids
        }
        progress.read(encoded.ids)
        return encoded.unknown
    }

    /// The next piece of text, usually one character; nil at the end.
    package mutating func next() -> String? {
        while !progress.hasEnded {
            if !lane.hasRead {
                if prompt.isEmpty { progress.read([opening.lastId]) }
                readPrompt()
            }
            readChosen()
            let (id, piece) = lane.withLogits(ofLane: 0) { progress.choose(from: $0) }
            unread = id
            if !piece.isEmpty { return String(decoding: piece, as: UTF8.self) }
        }
        return nil
    }

    /// The whole text from here on.
    package mutating func text() -> String {
        var text = ""
        while let piece = next() { text += piece }
        return text
    }

    /// The model's state after everything that was read and chosen so far.
    package var state: LanguageModelState {
        mutating get {
            if !lane.hasRead, !prompt.isEmpty { readPrompt() }
            readChosen()
            return lane.state
        }
    }

    private mutating func readPrompt() {
        let units = opening.units(before: prompt)
        lane.read(units.leadIn + units.prompt)
        prompt = []
    }

    private mutating func readChosen() {
        guard let id = unread else { return }
        unread = nil
        lane.read([id])
    }
}
