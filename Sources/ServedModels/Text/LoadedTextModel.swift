import LanguageModels
import TensorCore
import TextCorpora

/// A text model in memory, and the texts that it is writing.
final class LoadedTextModel {
    let saved: SavedLanguageModel
    private var texts: ConcurrentTexts
    private var nextKey = 0
    /// By key: where its pieces go, and its number there.
    private var destinations: [Int: (pieces: WrittenPieces, text: Int)] = [:]
    var lastUse = ContinuousClock.now

    init(_ saved: SavedLanguageModel, in context: ComputeContext) {
        self.saved = saved
        texts = ConcurrentTexts(
            model: saved.model, vocabulary: saved.vocabulary, leadIns: saved.corpus.leadIns, in: context)
    }

    var count: Int { texts.count }
    var isFull: Bool { texts.count >= texts.capacity }
    var isIdle: Bool { texts.isEmpty }

    /// - Parameter text: which of the texts that go to `pieces`.
    func begin(_ request: WritingRequest, prompt: [Int32], as text: Int, to pieces: WrittenPieces) {
        lastUse = .now
        destinations[nextKey] = (pieces, text)
        texts.begin(
            nextKey, prompt: prompt, options: request.options, seed: request.seed, index: request.index,
            tracing: request.tracing)
        nextKey += 1
    }

    /// One step of all texts.
    /// - Returns: units that were written.
    func advance() -> Int {
        lastUse = .now
        let abandoned = Set(destinations.filter { $0.value.pieces.isAbandoned }.keys)
        if !abandoned.isEmpty {
            texts.leave { abandoned.contains($0) }
            for key in abandoned { destinations[key] = nil }
        }
        var ended: [Int] = [], units = 0
        texts.advance { piece in
            units += 1
            guard let (pieces, text) = destinations[piece.key] else { return }
            if !piece.bytes.isEmpty || piece.ending != nil {
                pieces.append(
                    WrittenPiece(
                        text: text, bytes: Array(piece.bytes), units: piece.units, ending: piece.ending,
                        unitCount: piece.unitCount))
            }
            if piece.ending != nil { ended.append(piece.key) }
        }
        for key in ended { destinations[key] = nil }
        return units
    }

    /// Ends all texts before their time.
    func fail(_ error: ServedModelError) {
        texts.leave { _ in true }
        for (pieces, _) in destinations.values { pieces.fail(error) }
        destinations = [:]
    }
}
