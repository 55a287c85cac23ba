import ArgumentParser
import LanguageModels
import TextCorpora

/// How a text is read.
struct TextArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What one step reads and writes: scalar, byte or grapheme.",
            discussion: "Default: scalar, a Unicode code point.", valueName: "unit"))
    var unit: TextUnit?

    @Option(
        help: ArgumentHelp(
            "The text's encoding, such as gb18030, shift-jis, latin1.",
            discussion: "Default: a byte-order mark's, else UTF-8.", valueName: "name"))
    var encoding: String?

    @Flag(name: .customLong("keep-cr"), help: "Keep CR LF line ends instead of turning them into LF.")
    var keepsCarriageReturns = false

    var readingOptions: ReadingOptions {
        ReadingOptions(unit: unit ?? .scalar, encoding: encoding, keepCarriageReturns: keepsCarriageReturns)
    }
}
