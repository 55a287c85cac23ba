import ArgumentParser
import Checkpoints
import CommandLineSupport
import Foundation
import Kernels
import LanguageModels
import TensorCore
import TextCorpora

struct Write: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a text together with a trained model.",
        discussion: """
            Shows the end of the text and continuations of it with their mean probability. Then type, each with Enter:
              1 2 3 4  take a continuation           n  start a new line
              Enter    other continuations           u  undo the last step
              + -      longer, shorter               s  save
              h c      hotter (bolder), colder       q  quit
            A command is a line of that one character. Whatever else you type is written into the text exactly as it \
            is, so begin with a space where a word begins; a quotation mark before a command ("c) writes the character.

            A FILE that is there is read and continued; it changes only when you save, and then as a whole. Ctrl-D, \
            Ctrl-C and a terminal that closes save what you wrote. Without FILE the text is printed on standard output \
            at the end. The model reads the last 1,024 characters.

            Examples:
              charnn write
              charnn write poem.txt --temp 1 --length 80
            """)

    @Argument(
        help: ArgumentHelp("The text to go on with, or the name of a new one.", valueName: "file"),
        completion: .file())
    var file: String?

    @OptionGroup(title: "Model") var model: RunArguments

    @OptionGroup(title: "Model") var precision: PrecisionArguments

    @OptionGroup var sampling: SamplingArguments

    @Option(parsing: .unconditional, help: ArgumentHelp("Characters of a continuation.", valueName: "count"))
    var length: Int = 40

    @Option(parsing: .unconditional, help: ArgumentHelp("Continuations to choose from, up to 9.", valueName: "count"))
    var count: Int = 4

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Of the random numbers; drawn and printed where not given.", valueName: "number"))
    var seed: UInt64?

    private var options: SamplingOptions { sampling.options(length: length) }

    func validate() throws {
        guard (1...9).contains(count) else { throw ValidationError("--count: from 1 to 9, not \(count)") }
        guard WritingSession.lengths.contains(length) else {
            throw ValidationError("--length: from 1 to \(WritingSession.lengths.upperBound), not \(length)")
        }
        guard WritingSession.temperatures.contains(sampling.temperature ?? 0) else {
            throw ValidationError("--temperature: from 0 to 5, not \(NumberText.exact(sampling.temperature ?? 0))")
        }
        do {
            try options.validate()
        } catch {
            throw CommandText.validationError(error)
        }
    }

    func run() throws {
        for (descriptor, name) in [(STDIN_FILENO, "standard input"), (STDERR_FILENO, "standard error")] {
            guard isatty(descriptor) == 1 else { throw WritingError.noTerminal(what: name) }
        }
        let signals = SignalWatch(), console = Console()
        let context = try model.compute.makeContext()
        let saved = try model.load(precision.precision, in: context)
        let file = try file.map { try WritingFile($0, isText: saved.vocabulary.unit != .byte) }
        let seed = seed ?? UInt64.random(in: 0..<1 << 32)
        console.line(
            "run '\(saved.run.name)', step \(NumberText.grouped(saved.step)), seed \(seed)\(precision.precision.note)")
        let session = WritingSession(
            model: saved.model, vocabulary: saved.vocabulary, leadIns: saved.corpus.leadIns, text: file?.saved ?? [],
            options: options, seed: seed, in: context)
        if let note = session.encoded().note { console.line(note) }
        var dialogue = WritingDialogue(
            session, in: file, count: count, isText: saved.vocabulary.unit != .byte, signals: signals)
        try dialogue.run()
    }
}
