import Kernels
import LanguageModels
import TensorCore
import TextCorpora

/// Writing text with a model that has learned nothing: characters a second, beside the rate at which memory as large as
/// the weights that one character reads can be read.
///
/// Several streams are texts of their own, written as `charnn sample --count` writes them.
struct SamplingRate: Encodable {
    let benchmark = "sample"
    let cell: String
    let layers, hidden, classes, embedding, streams, threads: Int
    let instructionSet, precision: String
    let characters: Int
    let seconds: Double
    let charactersPerSecond: Double
    /// Of all threads, for one character.
    let processorMicrosecondsPerCharacter: Double
    let weightBytes: Int
    let readBytesPerSecondBefore, readBytesPerSecondAfter: Double
    /// Of the rate at which the weights can be read; for one stream.
    let shareOfReading: Double?

    static let options = LanguageModelSizes.options + ["streams", "seconds", "precision"]

    init(_ options: Options, in context: ComputeContext) throws {
        let sizes = LanguageModelSizes(options), configuration = sizes.configuration
        streams = options.value("streams", default: 1)
        guard streams > 0 else { Options.stop("streams must be above 0") }
        (cell, layers, hidden) = (sizes.cell.rawValue, sizes.layers, sizes.hidden)
        (classes, embedding) = (sizes.classes, sizes.embedding)
        (threads, instructionSet) = (context.workers.count, context.instructionSet.rawValue)
        let precision = options.choice("precision", default: WritingPrecision.single)
        self.precision = precision.rawValue
        weightBytes = precision == .int8 ? configuration.multiplyAddsPerUnit : sizes.bytesReadPerCharacter

        let vocabulary = try Self.vocabulary(classes)
        var model = LanguageModel(configuration, seed: 1, in: context)
        model.precision = precision
        let bytes = weightBytes
        func reading() -> Double { MemoryReadingRate(bytes: bytes, in: context).bytesPerSecond }
        readBytesPerSecondBefore = reading()
        let run = Self.write(
            with: model, vocabulary, streams: streams, seconds: options.value("seconds", default: 5), in: context)
        readBytesPerSecondAfter = reading()
        (characters, seconds, charactersPerSecond) = (run.count, run.seconds, run.perSecond)
        processorMicrosecondsPerCharacter = 1e6 * run.processorSeconds / Double(run.count)
        let limit = (readBytesPerSecondBefore + readBytesPerSecondAfter) / 2 / Double(weightBytes)
        shareOfReading = streams == 1 ? charactersPerSecond / limit : nil
    }

    /// Texts of 256 characters each, as many as there are streams, written together again and again until the time is
    /// over; a single one has no end.
    private static func write(
        with model: LanguageModel, _ vocabulary: Vocabulary, streams: Int, seconds: Double, in context: ComputeContext
    ) -> Run {
        func series(length: Int) -> TextSeries {
            TextSeries(
                model: model, vocabulary: vocabulary, options: SamplingOptions(temperature: 0.8, length: length),
                seed: 1,
                count: streams, in: context)
        }
        let length = 256
        if streams > 1 {
            // A whole series each time: the texts that wait for the first to end are part of the work.
            let run = sustained(seconds: seconds, warmUp: 1) { _ in
                for _ in series(length: length) {}
            }
            return Run(
                count: run.count * streams * length, seconds: run.seconds, processorSeconds: run.processorSeconds)
        }
        // Eight characters between two looks at the clock; a piece is one character, as no stops hold any back.
        var text = series(length: Int.max)
        let run = sustained(seconds: seconds) { _ in
            for _ in 0..<8 { _ = text.next() }
        }
        return Run(count: run.count * 8, seconds: run.seconds, processorSeconds: run.processorSeconds)
    }

    /// So many characters, from the space on.
    private static func vocabulary(_ classes: Int) throws(TextError) -> Vocabulary {
        let scalars = (0..<classes).compactMap { Unicode.Scalar(UInt32(0x20 + $0 + ($0 >= 0x5f ? 0x100 : 0))) }
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return try Vocabulary(counting: TextCorpus(text), replacement: false)
    }
}
