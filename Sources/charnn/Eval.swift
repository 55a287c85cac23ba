import ArgumentParser
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
              charnn eval corpus.txt --run verse-1 --part validation --json
            """)

    @Argument(help: "Files or folders to score; - is standard input.", completion: .file())
    var paths: [String] = []

    @OptionGroup(title: "Model") var model: RunArguments

    @Option(help: ArgumentHelp("The text's encoding (default: as when the run was trained).", valueName: "name"))
    var encoding: String?

    @Option(help: ArgumentHelp("Of the run's own text: all, training, validation or test.", valueName: "part"))
    var part: TextPart = .all

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Places of the text read side by side: faster, and a little less exact (default: 1).", valueName: "count"))
    var lanes: Int = 1

    @OptionGroup var output: JSONArguments

    func validate() throws {
        guard !paths.isEmpty else {
            throw ValidationError("name a text to score, for example: charnn eval other.txt")
        }
        guard (1...4096).contains(lanes) else {
            throw ValidationError("--lanes: must be from 1 to 4096, not \(lanes)")
        }
    }

    func run() throws {
        let console = Console()
        let context = try model.compute.makeContext()
        let saved = try model.load(in: context)
        var reading = saved.corpus.readingOptions
        if let encoding { reading.encoding = encoding }
        console.status("Reading \(paths.joined(separator: ", "))")
        let read = try TextCorpus.read(paths, options: reading)
        let range = try part.range(of: saved, in: read)
        let corpus = part == .all ? read : try saved.corpus.arranged(read)
        guard range.count > 1 else { throw LanguageModelError.emptyText(what: paths.joined(separator: ", ")) }
        let score = try TextScore.measure(saved, corpus, range: range, lanes: lanes, console: console, in: context)
        console.clearProgress()
        let standardOutput = StandardOutput()
        if output.isJSON {
            try standardOutput.line(score.json.text)
        } else {
            for line in score.lines { try standardOutput.line(line) }
        }
        try standardOutput.flush()
    }
}

enum TextPart: String, CaseIterable, ExpressibleByArgument {
    case all, training, validation, test

    /// - Throws: ``LanguageModelError/otherCorpus(run:expected:found:)`` where the parts of another text are meant.
    func range(of saved: SavedModel, in corpus: TextCorpus) throws(LanguageModelError) -> Range<Int> {
        guard self != .all else { return 0..<corpus.count }
        guard corpus.fingerprint == saved.corpus.fingerprint, corpus.count == saved.corpus.count else {
            throw .otherCorpus(run: saved.run.name, expected: saved.corpus.fingerprint, found: corpus.fingerprint)
        }
        switch self {
        case .all: return 0..<corpus.count
        case .training: return saved.corpus.split.training
        case .validation: return saved.corpus.split.validation
        case .test: return saved.corpus.split.test
        }
    }
}
