import CommandLineSupport
import LanguageModels
import TensorCore

/// Several texts, one after the other.
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
        for index in 0..<count {
            if index > 0 { try output.line(Self.separator) }
            var last = ""
            func write(_ piece: String) throws {
                try output.write(piece)
                if !piece.isEmpty { last = piece }
            }
            if showsPrompt { try write(prompt) }
            for piece in generator(index, in: context) { try write(piece) }
            if !last.hasSuffix("\n") { try output.line() }
        }
        try output.flush()
    }

    func printJSON(in context: ComputeContext) throws {
        let texts = (0..<count).map { index in
            var generator = generator(index, in: context)
            return JSONValue.string((showsPrompt ? prompt : "") + generator.text())
        }
        let output = StandardOutput()
        let json: JSONValue = [
            "run": .string(saved.run.name), "step": .int(saved.step), "seed": .string(String(seed)),
            "temperature": .number(options.temperature), "prompt": .string(prompt), "texts": .array(texts),
        ]
        try output.line(json.text)
        try output.flush()
    }

    private static let separator = String(repeating: "-", count: 40)

    private func generator(_ index: Int, in context: ComputeContext) -> TextGenerator {
        var generator = TextGenerator(
            model: saved.model, vocabulary: saved.vocabulary, options: options, seed: seed, index: index, in: context)
        generator.read(prompt)
        return generator
    }
}
