package import Checkpoints
package import Kernels
package import LanguageModels
package import TensorCore
package import TextCorpora
import TrainingRuns

/// The models of a store, as they are asked for: loaded once, dropped when nobody has used them for a while, loaded anew
/// when training has found better weights. Requests for text that come at the same time advance together in one batch;
/// each gets the bits that it would get alone.
///
/// All computing happens on one thread of its own, with the team of threads of one context.
package actor ModelHost {
    package struct Limits: Sendable {
        /// Texts that are written at the same time, over all models.
        package var texts = 64
        /// Texts that wait for their turn.
        package var waiting = 256
        /// Units of a prompt, or of a text to be scored.
        package var promptUnits = 65_536
        /// Seconds after which a model that nobody uses is dropped.
        package var idleSeconds = 300.0

        package init() {}
    }

    /// What the host has done and is doing.
    package struct Figures: Sendable {
        package var writtenUnits = 0
        package var readUnits = 0
        package var texts = 0
        package var waitingTexts = 0
        package var loadedModels = 0
        package var loads = 0
    }

    private struct Waiting {
        let model: LoadedTextModel
        let request: WritingRequest
        let prompt: [Int32]
        let text: Int
        let pieces: WrittenPieces
    }

    package nonisolated let limits: Limits
    package nonisolated let store: CheckpointStore
    private nonisolated let thread = ComputeThread(name: "models")
    private let precision: WritingPrecision
    private let context: ComputeContext
    private var textModels: [Run.ID: LoadedTextModel] = [:]
    /// Models that were replaced and still write.
    private var retired: [LoadedTextModel] = []
    private var waiting: [Waiting] = []
    private var isRunning = false
    /// Texts that are being scored.
    private var scoring = 0
    /// Whether what was begun is to end before its time.
    private var isBrokenOff = false
    private var done = Figures()

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - precision: what models write and score in.
    ///   - makeContext: called once, to make the context that all computing is done in.
    package init(
        store: CheckpointStore, limits: Limits, precision: WritingPrecision = .single,
        makeContext: () throws -> ComputeContext
    ) rethrows {
        (self.store, self.limits, self.precision) = (store, limits, precision)
        context = try makeContext()
    }

    // MARK: Writing

    /// The prompts and what comes of them.
    package struct Writing: Sendable {
        package let pieces: WrittenPieces
        /// Of each text, as the model reads it.
        package let prompts: [EncodedText]
    }

    /// Begins to write some texts together.
    /// - Throws: ``ServedModelError``
    package func write(
        _ requests: [WritingRequest], with served: ServedTextModel
    ) throws(ServedModelError) -> Writing {
        guard !isStopping else { throw .stopping }
        let model = served.loaded
        var encoded: [[UInt8]: EncodedText] = [:], prompts: [EncodedText] = []
        for request in requests {
            let prompt =
                if let known = encoded[request.prompt] { known } else {
                    try encode(request.prompt, for: model, field: "prompt")
                }
            encoded[request.prompt] = prompt
            prompts.append(prompt)
        }
        let written = requests.filter { $0.options.length > 0 }
        guard written.count <= limits.texts + limits.waiting else {
            throw .invalid(
                "n",
                reason:
                    "\(written.count) texts in one request, and at most \(limits.texts + limits.waiting) are written and "
                    + "waited for: ask for fewer, or start the server with a larger `max-concurrent`")
        }
        try checkRoom(for: written.count)
        let pieces = WrittenPieces(texts: written.count)
        for (text, request) in requests.enumerated() where request.options.length > 0 {
            waiting.append(
                Waiting(model: model, request: request, prompt: prompts[text].ids, text: text, pieces: pieces))
        }
        startRunning()
        return Writing(pieces: pieces, prompts: prompts)
    }

    private func encode(
        _ text: [UInt8], for model: LoadedTextModel, field: String
    ) throws(ServedModelError) -> EncodedText {
        let vocabulary = model.saved.vocabulary, encoded = vocabulary.encode(vocabulary.foldingLineEnds(text))
        guard encoded.ids.count <= limits.promptUnits else {
            throw .invalid(
                field, reason: "has \(encoded.ids.count) units, and at most \(limits.promptUnits) are read")
        }
        return encoded
    }

    private func checkRoom(for count: Int) throws(ServedModelError) {
        let room = limits.waiting + max(0, limits.texts - activeCount)
        guard waiting.count + scoring + count <= room else { throw .busy }
    }

    private var activeModels: [LoadedTextModel] { textModels.values.filter { !$0.isIdle } + retired }
    private var activeCount: Int { activeModels.reduce(0) { $0 + $1.count } }

    private func startRunning() {
        guard !isRunning, !waiting.isEmpty else { return }
        isRunning = true
        Task { await run() }
    }

    /// Takes all texts further until none is left; between two steps whatever else was asked for is done.
    private func run() async {
        while true {
            admit()
            let models = activeModels
            guard !models.isEmpty else { break }
            for model in models { done.writtenUnits += model.advance() }
            retired.removeAll(where: \.isIdle)
            await Task.yield()
        }
        isRunning = false
    }

    /// Begins texts that wait, the one that has waited longest first; past one whose model has no lane free, others go.
    private func admit() {
        guard !waiting.isEmpty else { return }
        var count = activeCount
        waiting.removeAll { next in
            if next.pieces.isAbandoned { return true }
            guard count < limits.texts, !next.model.isFull else { return false }
            next.model.begin(next.request, prompt: next.prompt, as: next.text, to: next.pieces)
            if textModels[next.model.saved.run.id] !== next.model, !retired.contains(where: { $0 === next.model }) {
                retired.append(next.model)
            }
            count += 1
            return true
        }
    }

    // MARK: Scoring

    package struct ScoredText: Sendable {
        /// As the model reads it.
        package let text: EncodedText
        package let units: [UnitProbability]
    }

    /// How probable a model holds each unit of a text.
    /// - Parameters:
    ///   - text: UTF-8, or any bytes for a model of bytes.
    ///   - field: what the request calls it.
    ///   - alternatives: how many of the most probable units to name beside each.
    /// - Throws: ``ServedModelError``, `CancellationError`
    package func score(
        _ text: [UInt8], field: String = "text", alternatives: Int, with served: ServedTextModel
    ) async throws -> ScoredText {
        guard !isStopping else { throw ServedModelError.stopping }
        let model = served.loaded, saved = model.saved
        let encoded = try encode(text, for: model, field: field), ids = encoded.ids
        try checkRoom(for: 1)
        scoring += 1
        defer { scoring -= 1 }
        var scorer = UnitScorer(
            model: saved.model, vocabulary: saved.vocabulary, leadIns: saved.corpus.leadIns, alternatives: alternatives,
            in: context)
        var units: [UnitProbability] = []
        for start in stride(from: 0, to: ids.count, by: 64) {
            units += scorer.read(ids[start..<min(start + 64, ids.count)])
            done.readUnits += min(64, ids.count - start)
            model.lastUse = .now
            await Task.yield()
            try Task.checkCancellation()
            guard !isBrokenOff else { throw ServedModelError.stopping }
        }
        return ScoredText(text: encoded, units: units)
    }

    // MARK: Models

    /// The model that a request names, or the newest, with the best weights that are saved by now. Whatever else the
    /// request asks for is done with the same weights, also if training finds better ones meanwhile.
    /// - Throws: ``ServedModelError``; ``StoreError`` where the store itself cannot be asked.
    package func model(_ name: String?) throws -> ServedTextModel {
        guard !isStopping else { throw ServedModelError.stopping }
        return try store.withServedRun(name, kind: LanguageModel.runKind, of: "text") { run, step in
            let known = textModels[run.id]
            if let known, known.saved.run.isSame(as: run), known.saved.step == step {
                known.lastUse = .now
                return ServedTextModel(known)
            }
            let saved = try SavedLanguageModel.load(.named(run.name), from: store, precision: precision, in: context)
            let loaded = LoadedTextModel(saved, in: context)
            if let known, !known.isIdle { retired.append(known) }
            textModels[run.id] = loaded
            done.loads += 1
            return ServedTextModel(loaded)
        }
    }

    /// Drops models that nobody has used for a while.
    package func dropUnused() {
        let now = ContinuousClock.now, patience = Duration.seconds(limits.idleSeconds)
        for (id, model) in textModels where model.isIdle && model.lastUse.duration(to: now) >= patience {
            textModels[id] = nil
        }
    }

    package var figures: Figures {
        var figures = done
        figures.texts = activeCount
        figures.waitingTexts = waiting.count
        figures.loadedModels = textModels.count + retired.count
        return figures
    }

    // MARK: Ending

    /// Whether nothing new is taken.
    package private(set) var isStopping = false

    package func refuseNew() { isStopping = true }

    /// Waits until what was begun has been written, at most so many seconds: then it is broken off.
    package func breakOff(after seconds: Double) async {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while isRunning || scoring > 0, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
        isBrokenOff = true
        for next in waiting { next.pieces.fail(.stopping) }
        waiting = []
        for model in activeModels { model.fail(.stopping) }
    }
}

/// A model in memory, as a request sees it.
package struct ServedTextModel: Sendable {
    package let run: String
    package let vocabulary: Vocabulary
    package let step: Int
    /// Touched by the host alone.
    nonisolated(unsafe) let loaded: LoadedTextModel

    init(_ loaded: LoadedTextModel) {
        let saved = loaded.saved
        (run, vocabulary, step) = (saved.run.name, saved.vocabulary, saved.step)
        self.loaded = loaded
    }
}
