import LanguageModels
import TensorCore
import TextCorpora

/// A text model in memory, and the texts that it is writing.
final class LoadedTextModel {
    /// Where a text goes, and what of it has not been handed over yet.
    private struct Destination {
        let pieces: WrittenPieces
        var gathered: WrittenPiece
        var hasBegun = false
    }

    /// How long pieces gather: so that a reader sees text flow. A model writes tens of thousands of units a second, and to
    /// wake a task for each of them would cost more than to write them. The first piece of a text is handed over at once.
    private static let patience = Duration.milliseconds(40)

    let saved: SavedLanguageModel
    private var texts: ConcurrentTexts
    private var nextKey = 0
    private var destinations: [Int: Destination] = [:]
    private var lastDelivery = ContinuousClock.now
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
        destinations[nextKey] = Destination(pieces: pieces, gathered: WrittenPiece(text: text))
        texts.begin(
            nextKey, prompt: prompt, options: request.options, seed: request.seed, index: request.index,
            tracing: request.tracing)
        nextKey += 1
    }

    /// One step of all texts.
    /// - Returns: units that were written.
    func advance() -> Int {
        lastUse = .now
        let isDue = lastDelivery.duration(to: lastUse) >= Self.patience
        if isDue {
            lastDelivery = lastUse
            dropAbandoned()
        }
        var units = 0
        texts.advance { piece in
            units += 1
            take(piece, isDue: isDue)
        }
        return units
    }

    private func take(_ piece: ConcurrentTexts.Piece, isDue: Bool) {
        destinations[piece.key]?.gathered.append(piece)
        guard let destination = destinations[piece.key], isDue || piece.ending != nil || !destination.hasBegun else {
            return
        }
        let gathered = destination.gathered
        guard !gathered.bytes.isEmpty || piece.ending != nil else { return }
        destination.pieces.append(gathered)
        destinations[piece.key]?.gathered = WrittenPiece(text: gathered.text)
        destinations[piece.key]?.hasBegun = true
        if piece.ending != nil { destinations[piece.key] = nil }
    }

    /// Ends texts that nobody wants any more.
    private func dropAbandoned() {
        let abandoned = Set(destinations.filter { $0.value.pieces.isAbandoned }.keys)
        guard !abandoned.isEmpty else { return }
        texts.leave { abandoned.contains($0) }
        for key in abandoned { destinations[key] = nil }
    }

    /// Ends all texts before their time.
    func fail(_ error: ServedModelError) {
        texts.leave { _ in true }
        for destination in destinations.values {
            if !destination.gathered.bytes.isEmpty { destination.pieces.append(destination.gathered) }
            destination.pieces.fail(error)
        }
        destinations = [:]
    }
}
