import ArgumentParser
import Checkpoints
import CommandLineSupport
import LanguageModels
import TensorCore
import TextCorpora

struct Eval: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Score a text with a trained model.",
        discussion: """
            The lower the number, the better the model guesses the text: nats and bits per character (natural and \
            binary logarithm of its probability), bits per byte of its UTF-8, and perplexity.

            Examples:
              charnn eval other.txt
              charnn eval --run verse-1 --part validation --json
              charnn eval --run verse-1 --part validation --precision int8
            """)

    @Argument(help: "Files or folders to score; - is standard input.", completion: .file())
    var paths: [String] = []

    @OptionGroup(title: "Model") var model: RunArguments

    @OptionGroup(title: "Model") var precision: PrecisionArguments

    @OptionGroup var text: OtherTextArguments

    @Option(
        help: ArgumentHelp(
            "Of the run's own text: all, training, validation or test.",
            discussion: "Where it was, or where PATH says it is now.", valueName: "part"))
    var part: TextPart?

    @Flag(name: .customLong("strict"), help: "Fail if anything but a hidden file would be left out.")
    var isStrict = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Places of the text read side by side: faster, and a little less exact.", valueName: "count"))
    var lanes: Int = 1

    @OptionGroup var output: JSONArguments

    func validate() throws {
        guard !paths.isEmpty || part != nil else {
            throw ValidationError("name a text to score, for example: charnn eval other.txt")
        }
        guard (1...4096).contains(lanes) else {
            throw ValidationError("--lanes: must be from 1 to 4096, not \(lanes)")
        }
    }

    func run() throws {
        let console = Console()
        let context = try model.compute.makeContext()
        let saved = try model.load(precision.precision, in: context)
        if let file = saved.corpus.importedFrom, paths.isEmpty || part ?? .all != .all {
            throw LanguageModelError.imported(run: saved.run.name, from: file)
        }
        let part = part ?? .all, read = try readText(part, of: saved, console)
        for note in read.report.notes { console.line(CommandText.typed(note)) }
        var corpus = part == .all ? read : try saved.corpus.arranged(read), leftOut: [UnitCount] = []
        // Where nothing may be left out, or hardly anything would be left, scoring says which characters are unknown.
        if part == .all, !isStrict {
            let readable = try read.omittingUnreadable(by: saved.vocabulary)
            if readable.corpus.count > 1 { (corpus, leftOut) = readable }
        }
        let range = part.range(of: saved, in: corpus)
        guard !EvaluationPlan.scorable(range).isEmpty else {
            throw LanguageModelError.emptyText(
                what: part == .all ? paths.joined(separator: ", ") : "the \(part.rawValue) part")
        }
        let score = try TextScore.measure(
            saved, corpus, range: range, leftOut: leftOut, lanes: lanes, console: console, in: context)
        console.clearProgress()
        try output.print(score.lines, json: score.json)
    }
}

extension Eval {
    /// The text that was named, or the run's own.
    private func readText(
        _ part: TextPart, of saved: SavedLanguageModel, _ console: Console
    ) throws -> TextCorpus {
        var reading = text.readingOptions(for: saved.corpus)
        reading.isStrict = isStrict
        console.status("Reading \((paths.isEmpty ? saved.corpus.paths : paths).joined(separator: ", "))")
        guard paths.isEmpty || part != .all else { return try TextCorpus.read(paths, options: reading) }
        return try saved.corpus.reread(run: saved.run.name, at: paths, options: reading)
    }
}

enum TextPart: String, CaseIterable, ExpressibleByArgument {
    case all, training, validation, test

    /// - Parameter corpus: the text of the run, or any for all of it.
    func range(of saved: SavedLanguageModel, in corpus: TextCorpus) -> Range<Int> {
        switch self {
        case .all: return 0..<corpus.count
        case .training: return saved.corpus.split.training
        case .validation: return saved.corpus.split.validation
        case .test: return saved.corpus.split.test
        }
    }
}
