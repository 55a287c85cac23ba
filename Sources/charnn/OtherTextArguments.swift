import ArgumentParser
import LanguageModels
import TextCorpora

extension InvalidBytePolicy: ExpressibleByArgument {}

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
