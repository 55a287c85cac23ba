import ArgumentParser
import CommandLineSupport
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
            --null and --json.

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
        help: ArgumentHelp("Only the most probable that together reach this probability.", valueName: "share"))
    var topP: Double?

    @Option(
        name: .customLong("min-p"), parsing: .unconditional,
        help: ArgumentHelp("Only those at least so probable, relative to the most probable.", valueName: "share"))
    var minP: Double?

    @Option(
        name: .customLong("repetition-penalty"), parsing: .unconditional,
        help: ArgumentHelp("Above 1 avoids what came in the last 64 characters.", valueName: "number"))
    var repetitionPenalty: Double = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A beginning to go on from.", valueName: "text"))
    var prime: String?

    @Option(
        name: .customLong("prime-file"), help: ArgumentHelp("The same from a file, as it is.", valueName: "file"),
        completion: .file())
    var primeFile: String?

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
        if greedy, let temperature, temperature != 0 {
            throw ValidationError("--greedy is temperature 0: leave --temperature out")
        }
        if endsWithNull, output.isJSON { throw ValidationError("give --null or --json, not both") }
        guard count >= 1 else { throw ValidationError("--count: must be at least 1, not \(count)") }
        do {
            try options.validate()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func run() throws {
        let console = Console()
        let context = try model.compute.makeContext()
        let saved = try model.load(in: context)
        let prompt = try readPrompt(saved)
        if endsWithNull { try checkNull(saved.vocabulary, prompt) }
        let seed = seed ?? UInt64.random(in: 0..<1 << 32)
        console.line(
            "run '\(saved.run.name)', step \(NumberText.grouped(saved.step)), temperature "
                + "\(NumberText.exact(options.temperature)), seed \(seed)")
        reportUnknown(saved.vocabulary.encode(prompt).unknown, console)
        let texts = SampledTexts(
            saved: saved, options: options, prompt: prompt, showsPrompt: !hidesPrompt, seed: seed, count: count,
            endsWithNull: endsWithNull)
        try output.isJSON ? texts.printJSON(in: context) : texts.stream(in: context)
    }

    private func readPrompt(_ saved: SavedModel) throws -> String {
        guard let primeFile else { return prime ?? "" }
        let corpus = try TextCorpus.read([primeFile], options: saved.corpus.readingOptions)
        return corpus.text(in: 0..<corpus.count)
    }

    /// A text that holds the byte which ends texts could not be told from two.
    private func checkNull(_ vocabulary: Vocabulary, _ prompt: String) throws {
        let units = (0..<Int32(vocabulary.count)).lazy.map(vocabulary.bytes(of:))
        guard units.contains(where: { $0.contains(0) }) || prompt.utf8.contains(0) else { return }
        throw RunError.invalidOption("--null", reason: "this model may write NUL itself. Use --json")
    }

    private func reportUnknown(_ unknown: [UnitCount], _ console: Console) {
        guard !unknown.isEmpty else { return }
        let listed = unknown.prefix(8).map { "\($0.label) (\($0.count)×)" }.joined(separator: ", ")
        let more = unknown.count > 8 ? " and \(unknown.count - 8) more" : ""
        console.line("the model has never seen \(listed)\(more): it reads them as unknown characters")
    }
}
