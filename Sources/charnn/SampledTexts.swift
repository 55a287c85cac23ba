import CommandLineSupport
import LanguageModels
import TensorCore

/// Several texts in order.
struct SampledTexts {
    let saved: SavedModel
    let options: SamplingOptions
    let prompt: String
    let showsPrompt: Bool
    let seed: UInt64
    let count: Int

    /// As they are made, with a line between them.
    func stream(in context: ComputeContext) throws {
        let output = StandardOutput()
        var series = series(in: context)
        for index in 0..<count {
            if index > 0 { try output.line(Self.separator) }
            var last = ""
            func write(_ piece: String) throws {
                try output.write(piece)
                if !piece.isEmpty { last = piece }
            }
            if showsPrompt { try write(prompt) }
            while let piece = series.next() {
                try write(piece.text)
                if piece.isLast { break }
            }
            if !last.hasSuffix("\n") { try output.line() }
        }
        try output.flush()
    }

    func printJSON(in context: ComputeContext) throws {
        var texts = Array(repeating: showsPrompt ? prompt : "", count: count)
        for piece in series(in: context) { texts[piece.index] += piece.text }
        let output = StandardOutput()
        let json: JSONValue = [
            "run": .string(saved.run.name), "step": .int(saved.step), "seed": .string(String(seed)),
            "temperature": .number(options.temperature), "prompt": .string(prompt),
            "texts": .array(texts.map { .string($0) }),
        ]
        try output.line(json.text)
        try output.flush()
    }

    private static let separator = String(repeating: "-", count: 40)

    private func series(in context: ComputeContext) -> TextSeries {
        TextSeries(
            model: saved.model, vocabulary: saved.vocabulary, leadIns: saved.corpus.leadIns, options: options,
            prompt: prompt, seed: seed, count: count, in: context)
    }
}
