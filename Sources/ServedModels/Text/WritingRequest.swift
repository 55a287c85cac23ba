package import LanguageModels

/// A text that is to be written.
package struct WritingRequest: Sendable {
    /// UTF-8, or any bytes for a model of bytes.
    package var prompt: [UInt8]
    package var options: SamplingOptions
    package var seed: UInt64
    /// Which text of the seed.
    package var index: Int
    package var tracing: UnitTracing

    package init(
        prompt: [UInt8], options: SamplingOptions, seed: UInt64, index: Int = 0, tracing: UnitTracing = .none
    ) {
        (self.prompt, self.options, self.seed) = (prompt, options, seed)
        (self.index, self.tracing) = (index, tracing)
    }
}

/// What was written of one of the texts that were asked for together.
package struct WrittenPiece: Sendable {
    /// Which of them.
    package let text: Int
    package private(set) var bytes: [UInt8] = []
    package private(set) var units: [UnitProbability] = []
    /// Nil while it goes on.
    package private(set) var ending: ConcurrentTexts.Ending?
    /// Units chosen so far, those of a stop among them.
    package private(set) var unitCount = 0

    init(text: Int) { self.text = text }

    mutating func append(_ piece: ConcurrentTexts.Piece) {
        bytes += piece.bytes
        units += piece.units
        (ending, unitCount) = (piece.ending, piece.unitCount)
    }

    /// What follows on this piece of the same text.
    mutating func append(_ piece: WrittenPiece) {
        bytes += piece.bytes
        units += piece.units
        (ending, unitCount) = (piece.ending, piece.unitCount)
    }
}
