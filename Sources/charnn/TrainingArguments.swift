import ArgumentParser
import CommandLineSupport
import LanguageModels
import TextCorpora

/// What the model is made of. Everything left out follows from the text.
struct ModelArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Kind of recurrent layer.", valueName: "kind"))
    var cell: LayerSpecification.Cell?

    @Option(parsing: .unconditional, help: ArgumentHelp("Units of each layer.", valueName: "units"))
    var hidden: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Layers, one on the other.", valueName: "count"))
    var layers: Int?

    @Option(
        help: ArgumentHelp(
            "Layers one by one: lstm:256,gru:128, or rnn:256:128 with an output projection.",
            discussion: "Instead of --cell, --hidden and --layers.", valueName: "layers"),
        transform: Parse.stack)
    var stack: [LayerSpecification]?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Values that stand for one character; 0 reads it one-hot.", valueName: "size"))
    var embedding: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Share of each layer's outputs dropped while training, from 0 to 1.", valueName: "share"))
    var dropout: Double?

    func validate() throws {
        guard stack != nil else { return }
        for (option, isGiven) in [("--cell", cell != nil), ("--hidden", hidden != nil), ("--layers", layers != nil)]
        where isGiven {
            throw ValidationError("--stack says all about the layers: leave \(option) out")
        }
    }
}

/// What of training is a text's own. Everything left out follows from the text.
struct WindowArguments: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Places of the text read side by side.", valueName: "lanes"))
    var batch: Int?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Characters in one step of each lane.", valueName: "characters"))
    var window: Int?

    @Flag(name: .customLong("random-windows"), help: "Windows start anywhere, from a state of zero.")
    var randomWindows = false

    @Option(
        name: .customLong("clip-value"), parsing: .unconditional,
        help: ArgumentHelp("Largest value of a single gradient.", valueName: "value"))
    var clipValue: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Held out of the text: 0.1, 10% or 5000 (default: 0.1).",
            discussion: "From its end, from blocks or from lines everywhere: tail:0.1, spread:0.1, lines:0.1. Default: "
                + "lines for lists of short lines, spread for several files, else tail.", valueName: "portion"),
        transform: Parse.heldOut)
    var validation: HeldOutArgument?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Left alone besides, in the same way, for charnn eval --part test (default: 0).", valueName: "portion"),
        transform: Parse.portion)
    var test: Portion?

    @Option(
        name: .customLong("sample-every"), parsing: .unconditional,
        help: ArgumentHelp("Steps between samples.", valueName: "steps"))
    var sampleEvery: Int?

    @Option(
        name: .customLong("min-count"), parsing: .unconditional,
        help: ArgumentHelp("Rarer characters share one symbol.", valueName: "count"))
    var minimumCount: Int?
}
