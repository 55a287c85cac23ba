import ArgumentParser
import LanguageModels
import TextCorpora

/// How a text is read.
struct TextArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What one step reads and writes: scalar, byte or grapheme.",
            discussion: "Default: scalar, a Unicode code point. Bytes are taken from the file as they are.",
            valueName: "unit"))
    var unit: TextUnit?

    @Option(
        help: ArgumentHelp(
            "The text's encoding, such as gb18030, shift-jis, latin1.",
            discussion: "Default: a byte-order mark's, else UTF-8.", valueName: "name"))
    var encoding: String?

    @Flag(name: .customLong("keep-cr"), help: "Keep CR LF and CR line ends instead of turning them into LF.")
    var keepsCarriageReturns = false

    @Option(
        name: .customLong("invalid"),
        help: ArgumentHelp(
            "Bytes that are not valid in the encoding: error, replace (by U+FFFD) or skip.",
            discussion: "Default: error.", valueName: "way"))
    var invalidBytes: InvalidBytePolicy?

    @Flag(name: .customLong("strict"), help: "Fail if anything but a hidden file would be left out.")
    var isStrict = false

    var readingOptions: ReadingOptions {
        var options = ReadingOptions(
            unit: unit ?? .scalar, encoding: encoding, keepCarriageReturns: keepsCarriageReturns,
            invalidBytes: invalidBytes ?? .error)
        options.isStrict = isStrict
        return options
    }
}

/// How another text is read for a model that there is: as its own was, unless these say otherwise.
struct OtherTextArguments: ParsableArguments {
    @Option(help: ArgumentHelp("The text's encoding (default: as when the run was trained).", valueName: "name"))
    var encoding: String?

    @Option(
        name: .customLong("invalid"),
        help: ArgumentHelp(
            "Bytes that are not valid in it: error, replace (by U+FFFD) or skip (default: as then).",
            valueName: "way"))
    var invalidBytes: InvalidBytePolicy?

    var areGiven: Bool { encoding != nil || invalidBytes != nil }

    func readingOptions(for corpus: CorpusRecord) -> ReadingOptions {
        var options = corpus.readingOptions
        if let encoding { options.encoding = encoding }
        if let invalidBytes { options.invalidBytes = invalidBytes }
        return options
    }
}
