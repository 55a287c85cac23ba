import ArgumentParser
import LanguageModels

/// How a model chooses characters.
struct SamplingArguments: ParsableArguments {
    @Option(
        name: [.customLong("temperature"), .customLong("temp")], parsing: .unconditional,
        help: ArgumentHelp(
            "Below 1 safer, above 1 bolder, 0 always the most probable (default: 0.8).", valueName: "number"))
    var temperature: Double?

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
        help: ArgumentHelp("Above 1 avoids what came in the last 64 characters.", valueName: "number"))
    var repetitionPenalty: Double = 1

    func options(length: Int, stop: [String] = []) -> SamplingOptions {
        SamplingOptions(
            temperature: temperature ?? 0.8, topK: topK, topP: topP, minP: minP, repetitionPenalty: repetitionPenalty,
            length: length, stop: stop)
    }
}
