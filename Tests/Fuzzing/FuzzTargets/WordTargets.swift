import Autoencoders
import Checkpoints
import CommandLineSupport
import FileTrees
import Images
import LanguageModels
import PageParts
import TensorCore
import TextCorpora
import TrainingRuns

extension FuzzTarget {
    /// Lines of an option and its value; the first byte chooses the program, the next four what there is to train on.
    static let options = FuzzTarget(
        "options",
        "Options of training as words. What passes makes a plan whose costs are numbers; written as words it is the same",
        words: LanguageModelOptionTable.options.map { "\($0.name) " }
            + AutoencoderOptionTable.options.map { "\($0.name) " }
            + [
                "lstm:256,gru:128", "rnn:8:4", "gru-reset-before:3", "1h30m", "10%", "lines:0.1", "last:5", "none",
                "auto",
                "1e-3", "9223372036854775807", "28x28", "#ff8000", "32,64",
            ],
        longest: 800,
        seeds: {
            [
                "\u{0}\u{9}\u{1}\u{5}\u{4}stack lstm:8,gru:4:2\nsteps 40\nbatch 3\nwindow 9\nvalidation lines:0.2\nlearning-rate 1e-3",
                "\u{0}\u{1}\u{2}\u{3}\u{4}time 1m\nhidden 20\nlayers 2\ncell gru\nembedding 0\ndropout 0.5\nseed 7\npatience none",
                "\u{1}\u{9}\u{1}\u{5}\u{4}code 4\nkind denoising\nnoise 0.1\nmasking 0.2\nchannels 4,8\nsize 9x7\nbackground #102030",
                "\u{1}\u{9}\u{1}\u{5}\u{4}architecture book\nbatch 2\nepochs 3\nvalidation last:3\ngray yes\nheld-out a\nheld-out b",
            ].map { Array($0.utf8) }
        },
        run: { input in
            var input = InputReader(input)
            let isOfPictures = input.flag(), sizes = (0..<4).map { _ in 1 + Int(input.byte()) }
            let lines = input.remainder().split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
            if isOfPictures {
                let format = PictureFormat(width: sizes[0], height: sizes[1], channels: sizes[2] & 1 == 1 ? 3 : 1)
                let summary = PictureSummary(format: format, training: sizes[2] * sizes[3], validation: sizes[0])
                let options = try read(lines, of: AutoencoderOptionTable.self)
                if let plan = try attempt({ try AutoencoderPlan.plan(for: summary, options: options) }) {
                    try demand(
                        plan.model.parameterCount > 0 && plan.trainingMemory > 0 && plan.epochs.isFinite,
                        "a plan of nothing")
                    _ = try attempt { try plan.checkSteps() }
                }
            } else {
                let summary = CorpusSummary(
                    training: sizes[0] * sizes[1] * sizes[2], validation: sizes[3], classes: 1 + sizes[3])
                let options = try read(lines, of: LanguageModelOptionTable.self)
                if let plan = try attempt({ try LanguageModelPlan.plan(for: summary, options: options) }) {
                    try demand(
                        plan.model.parameterCount > 0 && plan.trainingMemory > 0 && plan.epochs.isFinite,
                        "a plan of nothing")
                    _ = try attempt { try plan.checkSteps() }
                }
            }
        })

    private static func read<Table: OptionTable>(
        _ lines: [String], of table: Table.Type
    ) throws -> GivenOptions<Table> {
        var given = GivenOptions<Table>()
        for line in lines {
            let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let option = Table.options.first(where: { $0.name == parts[0] }) else { continue }
            guard let value = try attempt({ try option.parse(parts.count > 1 ? parts[1] : "") }) else { continue }
            let problem = option.problem(with: value)
            try demand(problem != "", "`\(option.name)`: a problem without words")
            given[name: option.name] = value
            // What is refused need not be written.
            guard problem == nil, !option.isRepeated, !option.isFlag else { continue }
            let words = option.words(for: value)
            guard case .value(let text)? = words.last else { throw Contradiction("`\(option.name)` has no words") }
            let again = try attempt { try option.parse(text) }
            try demand(
                again.map { AnyHashable($0) == AnyHashable(value) } ?? false,
                "`\(option.name)` \(value) is written as '\(text)', which is \(again.map { "\($0)" } ?? "refused")")
        }
        _ = try attempt { try given.validate() }
        return given
    }

    /// A text that means something, and eight bytes of a number.
    static let words = FuzzTarget(
        "words",
        "Words and numbers: sizes, colors, times, portions, stacks, names of runs and files; and numbers for people. What is "
            + "shown commands no terminal and no browser, and the bytes of names come back",
        words: [
            "1h30m", "28x28", "#ff8000", "last:5", "10%", "lstm:256:3", "'", "$'", "</script>", "&#", "\\x1b[2J",
            "\\xff\\xfe", "\u{202e}",
        ],
        longest: 400,
        seeds: {
            [
                "1h 30m", "28x28", "#ff8000", "last:5", "rnn:8:4,gru:2", "2026-11-29T12:00:00.000Z", "it's <b>&",
                "name-2",
            ].map {
                [0, 0, 0, 0, 0, 0, 0xf0, 0x3f] + Array($0.utf8)
            } + [[255, 255, 255, 255, 255, 255, 239, 127, 255, 10, 27, 7, 0]]
        },
        run: { input in
            var input = InputReader(input)
            let bits: UInt64 = input.number(), number = Double(bitPattern: bits), bytes = input.remainder()
            let text = ByteText.text(bytes)
            try demand(ByteText.bytes(text) == bytes, "bytes of a name do not come back")
            let path = RawPath(text)
            try demand(bytes.isEmpty || path.bytes == bytes, "bytes of a path do not come back")
            _ = (path.lastComponent, path.folder, path.stem, path.ending, path.absolute, path.resolved)
            for shown in [VisibleText.line(text), ShellText.quoted(text)] {
                try demand(shown.unicodeScalars.allSatisfy(VisibleText.isHarmless), "'\(bytes)' is shown as it is")
            }
            let html = [
                HTML.text(text), HTML.block(text),
                HTML.preformatted(text).replacing("<pre>", with: "").replacing("</pre>", with: ""),
            ]
            try demand(
                !html.contains { $0.contains("<script") || $0.contains("</") }, "'\(text)' is an element of a page")
            _ = try (
                attempt { try TimeSpan(parsing: text) }, attempt { try PictureSize(parsing: text) },
                attempt { try CollectionSplit.Rule(parsing: text) }, attempt { try Timestamp.date(text, path: "store") }
            )
            if let color = try attempt({ try Color(parsing: text) }) {
                try demand(try attempt { try Color(parsing: color.name) } == color, "\(color.name) is another color")
            }
            if let stack = try attempt({ try LayerSpecification.parse(text) }) {
                let again = try attempt { try LayerSpecification.parse(LayerSpecification.text(stack)) }
                try demand(again == stack, "'\(text)' is written as another stack")
            }
            if let span = try attempt({ try TimeSpan(parsing: text) }) { _ = (span.description, span.ago) }
            _ = (RunSelection(text), WritingCommand(bytes), NearNames.near(text, among: ["name", "name-1", "sample"]))
            let json = JSONValue.object([text: [.string(text), .number(number), .int(Int(truncatingIfNeeded: bits))]])
            try demand(!json.text.isEmpty && !json.compactText.contains("\n"), "JSON of several lines")
            for value in [number, -number, Double(Int64(bitPattern: bits)), Double(Float(number))] {
                _ = (
                    NumberText.magnitude(value), NumberText.fixed(value, 4), NumberText.short(value),
                    TimeSpan(seconds: value).description, TimeSpan(seconds: value).ago
                )
                let exact = NumberText.exact(value)
                try demand(value.isNaN || Double(exact) == value, "\(value) is written as \(exact)")
            }
            _ = (NumberText.grouped(Int(truncatingIfNeeded: bits)), NumberText.bytes(Int(truncatingIfNeeded: bits)))
        })
}
