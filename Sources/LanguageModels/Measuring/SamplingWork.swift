import Kernels
import Requirements
import TensorCore
import TextCorpora
import Training

/// A text that a language model writes, as `TextGenerator` does it, unit after unit: each reads all weights once.
struct SamplingWork: BenchmarkWork {
    let configuration: LanguageModelConfiguration

    var name: String { "sampling \(configuration.title)" }

    func measure(_ budget: BenchmarkBudget, in context: ComputeContext) -> BenchmarkRow {
        let model = LanguageModel(configuration, seed: 1, in: context)
        var generator = TextGenerator(
            model: model, vocabulary: .letters(configuration.classes), options: SamplingOptions(length: .max), seed: 1,
            index: 0, in: context)
        // Of the one-hot input's weights one row is gathered: they are not read whole.
        let bytes = 4 * configuration.multiplyAddsPerUnit
        let piece = 32, forReading = max(0.03, budget.seconds / 20)
        func readRate() -> Double {
            context.workers.readRate(context.kernels, bytes: bytes, seconds: forReading)
        }
        let before = readRate()
        let timing = RepeatedTiming(for: budget.seconds - 2 * forReading) {
            for _ in 0..<piece { _ = generator.next() }
        }
        return BenchmarkRow(
            task: "sampling", model: configuration.title, shape: "1 stream",
            unitsPerSecond: Double(piece) / timing.median,
            operationsPerUnit: 2 * Double(configuration.multiplyAddsPerUnit),
            reading: BenchmarkRow.Reading(bytesPerUnit: Double(bytes), peak: max(before, readRate())))
    }
}

extension Vocabulary {
    /// So many printable characters, at most 90.
    static func letters(_ count: Int) -> Vocabulary {
        require(count <= 90, "\(count) letters")
        var table = UnitTable()
        for letter in 0..<count { table.append([UInt8(32 + letter)]) }
        return Vocabulary(unit: .scalar, table: table, minimumCount: 1, hasReplacement: false, replacedInTraining: 0)
    }
}
