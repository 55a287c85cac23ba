import ArgumentParser
import Checkpoints
import CommandLineSupport
import FileTrees
import Foundation
import Kernels
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
              charnn sample --probabilities --length 300
              charnn sample --precision int8 --length 100000 > long.txt
              charnn sample --count 500 --stop $'\\n' --null | xargs -0 -n 1 echo
            """)

    @OptionGroup(title: "Model") var model: RunArguments

    @OptionGroup(title: "Model") var precision: PrecisionArguments

    @OptionGroup var sampling: SamplingArguments

    @Flag(help: "Always the most probable character: temperature 0.")
    var greedy = false

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

    @Flag(
        help: ArgumentHelp(
            "Color each character by how probable the model held it; with --json give the numbers.",
            discussion: "Plain from 50 %, cyan from 20 %, yellow from 5 %, red from 1 %, reversed below."))
    var probabilities = false

    private var options: SamplingOptions {
        var options = sampling.options(length: length, stop: stop)
        if greedy { options.temperature = 0 }
        return options
    }

    func validate() throws {
        if prime != nil, primeFile != nil { throw ValidationError("give --prime or --prime-file, not both") }
        if primeFile == nil, text.areGiven {
            throw ValidationError("--encoding and --invalid say how --prime-file is read: there is none")
        }
        if greedy, let temperature = sampling.temperature, temperature != 0 {
            throw ValidationError("--greedy is temperature 0: leave --temperature out")
        }
        if endsWithNull, output.isJSON { throw ValidationError("give --null or --json, not both") }
        if endsWithNull, probabilities { throw ValidationError("give --null or --probabilities, not both") }
        guard count >= 1 else { throw ValidationError("--count: must be at least 1, not \(count)") }
        let (units, isTooMuch) = count.multipliedReportingOverflow(by: max(1, length))
        let largest = probabilities ? SampledTexts.largestDocumentOfNumbers : SampledTexts.largestDocument
        if output.isJSON, isTooMuch || units > largest {
            let what = probabilities ? "--json with --probabilities" : "--json"
            throw ValidationError(
                "\(what) makes one document of all texts, which may have \(NumberText.grouped(largest)) characters: ask "
                    + "for fewer or shorter ones, or leave \(probabilities ? "--probabilities" : "--json") out")
        }
        do {
            try options.validate()
        } catch {
            throw CommandText.validationError(error)
        }
    }

    func run() throws {
        if probabilities, !output.isJSON, !Terminal.isTerminal(STDOUT_FILENO) {
            throw RunError.invalidOption(
                "probabilities",
                reason: "colors are for a terminal, and standard output is none. `json` gives the numbers")
        }
        let console = Console()
        let context = try model.compute.makeContext()
        let saved = try model.load(precision.precision, in: context)
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
                + "\(NumberText.exact(options.temperature)), seed \(seed)\(precision.precision.note)")
        let read = saved.vocabulary.encode(prompt)
        if let note = read.note { console.line(note) }
        for stop in options.stop { reportImpossible(stop, saved.vocabulary, console) }
        let texts = SampledTexts(
            saved: saved, options: options, prompt: prompt, showsPrompt: !hidesPrompt, seed: seed, count: count,
            endsWithNull: endsWithNull, showsProbabilities: probabilities)
        if probabilities, !output.isJSON { try ProbabilityColors.writeLegend() }
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
}
