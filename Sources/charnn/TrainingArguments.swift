import ArgumentParser
import CommandLineSupport
import LanguageModels
import TextCorpora
import Training

/// What the model is made of. Everything left out follows from the text.
struct ModelArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Kind of recurrent layer.", valueName: "kind"))
    var cell: StackLayer.Cell?

    @Option(parsing: .unconditional, help: ArgumentHelp("Units of each layer.", valueName: "units"))
    var hidden: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Layers, one on the other.", valueName: "count"))
    var layers: Int?

    @Option(
        help: ArgumentHelp(
            "Layers one by one: lstm:256,gru:128, or rnn:256:128 with an output projection.",
            discussion: "Instead of --cell, --hidden and --layers.", valueName: "layers"),
        transform: Parse.stack)
    var stack: [StackLayer]?

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

/// How the model is trained. Everything left out follows from the text.
struct ScheduleArguments: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Places of the text read side by side.", valueName: "lanes"))
    var batch: Int?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Characters in one step of each lane.", valueName: "characters"))
    var window: Int?

    @Flag(name: .customLong("random-windows"), help: "Windows start anywhere, from a state of zero.")
    var randomWindows = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Passes over the text.", valueName: "passes"))
    var epochs: Double?

    @Option(parsing: .unconditional, help: ArgumentHelp("Steps of the whole run.", valueName: "count"))
    var steps: Int?

    @Option(
        name: .customLong("time-limit"), parsing: .unconditional,
        help: ArgumentHelp(
            "Train for so long: 90s, 4m, 1h30m.",
            discussion: "When warm-up ends, the rate measured fixes a number of steps.", valueName: "time"),
        transform: Parse.timeSpan)
    var timeLimit: TimeSpan?

    @Option(help: ArgumentHelp("How gradients change the weights.", valueName: "name"))
    var optimizer: OptimizerKind?

    @Option(name: .customLong("lr"), parsing: .unconditional, help: ArgumentHelp("Learning rate.", valueName: "rate"))
    var learningRate: Double?

    @Option(help: ArgumentHelp("How the learning rate falls.", valueName: "name"))
    var schedule: ScheduleKind?

    @Option(
        name: .customLong("warm-up"), parsing: .unconditional,
        help: ArgumentHelp("Steps in which the learning rate rises.", valueName: "steps"))
    var warmUp: Int?

    @Option(
        name: .customLong("weight-decay"), parsing: .unconditional,
        help: ArgumentHelp("Pulls weights towards 0.", valueName: "rate"))
    var weightDecay: Double?

    @Option(
        name: .customLong("clip-norm"), parsing: .unconditional,
        help: ArgumentHelp("Largest norm of all gradients together.", valueName: "norm"))
    var clipNorm: Double?

    @Option(
        name: .customLong("clip-value"), parsing: .unconditional,
        help: ArgumentHelp("Largest value of a single gradient.", valueName: "value"))
    var clipValue: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Held out at the end of the text: 0.1, 10% or 5000 (default: 0.1).", valueName: "portion"),
        transform: Parse.portion)
    var validation: Portion?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Left alone after that, for charnn eval --part test (default: 0).", valueName: "portion"),
        transform: Parse.portion)
    var test: Portion?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Validations without improvement that end the run.", valueName: "count"))
    var patience: Int?

    @Option(
        name: .customLong("eval-every"), parsing: .unconditional,
        help: ArgumentHelp("Steps between validations.", valueName: "steps"))
    var evaluateEvery: Int?

    @Option(
        name: .customLong("save-every"), parsing: .unconditional,
        help: ArgumentHelp("Steps between saves, besides those every minute.", valueName: "steps"))
    var saveEvery: Int?

    @Option(
        name: .customLong("sample-every"), parsing: .unconditional,
        help: ArgumentHelp("Steps between samples.", valueName: "steps"))
    var sampleEvery: Int?

    @Option(
        name: .customLong("min-count"), parsing: .unconditional,
        help: ArgumentHelp("Rarer characters share one symbol.", valueName: "count"))
    var minimumCount: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Of all random numbers (default: 1).", valueName: "number"))
    var seed: UInt64?

    func validate() throws {
        if steps != nil, epochs != nil { throw ValidationError("give --steps or --epochs, not both") }
    }
}
