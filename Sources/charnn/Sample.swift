import ArgumentParser
import Checkpoints
import CommandLineSupport
import FileTrees
import LanguageModels
import TensorCore
import TextCorpora
import TrainingRuns

struct Sample: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write with a trained model.",
        discussion: """
            Writes on standard output, as it is made. The same run, options and --seed write the same text again. \
            Several texts have a line of 40 dashes between them, which a text may hold itself: for programs there are \
            --null and --json. Models of bytes write them as they are; with --json also as "bytes_base64".

            Each character is chosen so: the repetition penalty divides what the model gives the characters of the last \
            64 (its logits, each once; negative ones are multiplied), the temperature divides all, and probabilities \
            are made of them. Then --top-k, --min-p and --top-p keep the most probable, in this order, each of those \
            that the one before has left, and one of the rest is drawn.

            Examples:
              charnn sample
              charnn sample --run verse-1 --temp 0.6 --length 2000
              charnn sample --prime 'HESTER:' --stop $'\\n\\n' --count 3 --seed 7
              charnn sample --count 500 --stop $'\\n' --null | xargs -0 -n 1 echo
            """)

    @OptionGroup(title: "Model") var model: RunArguments

    @Option(
        name: [.customLong("temperature"), .customLong("temp")], parsing: .unconditional,
        help: ArgumentHelp(
            "Below 1 safer, above 1 bolder, 0 always the most probable (default: 0.8).", valueName: "number"))
    var temperature: Double?

    @Flag(help: "Always the most probable character: temperature 0.")
    var greedy = false

    @Option(
        name: .customLong("top-k"), parsing: .unconditional,
        help: ArgumentHelp("Only the so many most probable characters.", valueName: "count"))
    var topK: Int?

    @Option(
        name: .customLong("top-p"), parsing: .unconditional,
        help: ArgumentHelp("Only the most probable that together reach this share of what is left.", valueName: "share")
    )
    var topP: Double?

    @Option(
        name: .customLong("min-p"), parsing: .unconditional,
        help: ArgumentHelp("Only those at least so probable, relative to the most probable.", valueName: "share"))
    var minP: Double?

    @Option(
        name: .customLong("repetition-penalty"), parsing: .unconditional,
        help: ArgumentHelp("Above 1 avoids what came in the last 64 characters (default: 1).", valueName: "number"))
    var repetitionPenalty: Double = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A beginning to go on from.", valueName: "text"))
    var prime: String?

    @Option(
        name: .customLong("prime-file"), help: ArgumentHelp("The same from a file, as it is.", valueName: "file"),
        completion: .file())
    var primeFile: String?

    @OptionGroup var text: OtherTextArguments

    @Flag(name: .customLong("no-prime-echo"), help: "Do not print the beginning before what follows it.")
    var hidesPrompt = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Characters to write.", valueName: "count"))
    var length: Int = 1000

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("End before this text; may be given several times.", valueName: "text"))
    var stop: [String] = []

    @Option(parsing: .unconditional, help: ArgumentHelp("Texts to write, each another.", valueName: "count"))
    var count: Int = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Of the random numbers; drawn and printed where not given.", valueName: "number"))
    var seed: UInt64?

    @Flag(
        name: [.customLong("null"), .customShort("0")],
        help: "End each text with a NUL byte and add nothing else, for xargs -0 and the like.")
    var endsWithNull = false

    @OptionGroup var output: JSONArguments

    private var options: SamplingOptions {
        SamplingOptions(
            temperature: greedy ? 0 : temperature ?? 0.8, topK: topK, topP: topP, minP: minP,
            repetitionPenalty: repetitionPenalty, length: length, stop: stop)
    }

    func validate() throws {
        if prime != nil, primeFile != nil { throw ValidationError("give --prime or --prime-file, not both") }
        if primeFile == nil, text.areGiven {
            throw ValidationError("--encoding and --invalid say how --prime-file is read: there is none")
        }
        if greedy, let temperature, temperature != 0 {
            throw ValidationError("--greedy is temperature 0: leave --temperature out")
        }
        if endsWithNull, output.isJSON { throw ValidationError("give --null or --json, not both") }
        guard count >= 1 else { throw ValidationError("--count: must be at least 1, not \(count)") }
        let (units, isTooMuch) = count.multipliedReportingOverflow(by: max(1, length))
        if output.isJSON, isTooMuch || units > SampledTexts.largestDocument {
            throw ValidationError(
                "--json makes one document of all texts, which may have \(NumberText.grouped(SampledTexts.largestDocument)) "
                    + "characters: ask for fewer or shorter ones, or leave --json out")
        }
        do {
            try options.validate()
        } catch {
            throw CommandText.validationError(error)
        }
    }

    func run() throws {
        let console = Console()
        let context = try model.compute.makeContext()
        let saved = try model.load(in: context)
        for (option, values) in [("prime", prime.map { [$0] } ?? []), ("stop", stop)] {
            // Bytes are for a model of bytes.
            guard saved.vocabulary.unit != .byte, let wrong = values.first(where: { !ByteText.isUTF8($0) }) else {
                continue
            }
            throw RunError.invalidOption(
                option, reason: "'\(wrong)' is not valid UTF-8, and run '\(saved.run.name)' reads characters")
        }
        let prompt = try readPrompt(saved, console)
        if endsWithNull { try checkNull(saved.vocabulary, prompt) }
        var options = options
        options.stop = options.stop.map(saved.vocabulary.foldingLineEnds)
        let seed = seed ?? UInt64.random(in: 0..<1 << 32)
        console.line(
            "run '\(saved.run.name)', step \(NumberText.grouped(saved.step)), temperature "
                + "\(NumberText.exact(options.temperature)), seed \(seed)")
        reportUnknown(saved.vocabulary.encode(prompt).unknown, console)
        for stop in options.stop { reportImpossible(stop, saved.vocabulary, console) }
        let texts = SampledTexts(
            saved: saved, options: options, prompt: prompt, showsPrompt: !hidesPrompt, seed: seed, count: count,
            endsWithNull: endsWithNull)
        try output.isJSON ? texts.printJSON(in: context) : texts.stream(in: context)
    }

    private func readPrompt(_ saved: SavedLanguageModel, _ console: Console) throws -> [UInt8] {
        guard let primeFile else { return saved.vocabulary.foldingLineEnds(ByteText.bytes(prime ?? "")) }
        let corpus = try TextCorpus.read([primeFile], options: text.readingOptions(for: saved.corpus))
        for note in corpus.report.notes { console.line(CommandText.typed(note)) }
        return corpus.bytes(in: 0..<corpus.count)
    }

    /// A text never ends at what its model cannot write.
    private func reportImpossible(_ stop: String, _ vocabulary: Vocabulary, _ console: Console) {
        let missing = vocabulary.missing(from: ByteText.bytes(stop))
        guard !missing.isEmpty else { return }
        console.line(
            "--stop: a text of this model cannot end there, as it never writes \(missing.joined(separator: ", "))")
    }

    /// A text that holds the byte which ends texts could not be told from two.
    private func checkNull(_ vocabulary: Vocabulary, _ prompt: [UInt8]) throws {
        let units = (0..<Int32(vocabulary.count)).lazy.map(vocabulary.bytes(of:))
        guard units.contains(where: { $0.contains(0) }) || prompt.contains(0) else { return }
        throw RunError.invalidOption("null", reason: "this model may write NUL itself. Use --json")
    }

    private func reportUnknown(_ unknown: [UnitCount], _ console: Console) {
        guard !unknown.isEmpty else { return }
        let listed = unknown.prefix(8).map { "\($0.label) (\($0.count)×)" }.joined(separator: ", ")
        let more = unknown.count > 8 ? " and \(unknown.count - 8) more" : ""
        console.line("the model has never seen \(listed)\(more): it reads them as unknown characters")
    }
}
