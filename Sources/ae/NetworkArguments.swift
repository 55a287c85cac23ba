import ArgumentParser
import Autoencoders
import CommandLineSupport

/// What the model is made of. Everything left out follows from the pictures.
struct NetworkArguments: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Numbers that stand for a picture.", valueName: "size"))
    var code: Int?

    @Option(
        help: ArgumentHelp(
            "Which network; book: that of Deep Learning from Scratch.",
            discussion: "The book's: 318,480 parameters at 28x28 with a code of 28.", valueName: "name"))
    var architecture: AutoencoderConfiguration.Architecture?

    @Option(
        help: ArgumentHelp(
            "What is asked of codes besides bringing pictures back.",
            discussion: """
                Denoising models learn to clean pictures, sparse ones codes that are mostly zero, variational ones \
                codes from which new pictures can be drawn.
                """, valueName: "name"))
    var kind: AutoencoderKind.Name?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Denoising: deviation of the noise, of values in 0...1 (default: 0.2).", valueName: "deviation"))
    var noise: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Denoising: share of the pixels blackened (default: 0).", valueName: "share"))
    var masking: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Sparse: what a code's mean adds to the loss (default: 0.001).", valueName: "weight"))
    var sparsity: Double?

    @Option(
        name: .customLong("free-nats"), parsing: .unconditional,
        help: ArgumentHelp("Variational: nats of each number that cost nothing (default: 0).", valueName: "nats"))
    var freeNats: Double?

    @Option(
        name: .customLong("kl-warm-up"), parsing: .unconditional,
        help: ArgumentHelp("Variational: steps in which the divergence comes to its full weight.", valueName: "steps"))
    var divergenceWarmUp: Int?

    @Option(
        help: ArgumentHelp(
            "Channels of each level, from the pictures inwards: 32,64, or none.",
            discussion: "Each level halves the sides.", valueName: "list"),
        transform: Parse.channels)
    var channels: [Int]?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Units between the innermost level and the code; 0: none.", valueName: "units"))
    var hidden: Int?
}

/// What of training is the pictures' own.
struct BatchArguments: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Pictures in a step.", valueName: "count"))
    var batch: Int?

    @Option(
        name: .customLong("augment-shift"), parsing: .unconditional,
        help: ArgumentHelp("Move training pictures by up to so many pixels (default: 0).", valueName: "pixels"))
    var shift: Int?

    @Flag(name: .customLong("augment-flip"), help: "Mirror every second training picture left to right.")
    var flip = false

    @Option(
        name: .customLong("augment-brightness"), parsing: .unconditional,
        help: ArgumentHelp("Make training pictures brighter or darker by up to this (default: 0).", valueName: "share"))
    var brightness: Double?

    func validate() throws {
        if let shift, !(0...4096).contains(shift) {
            throw ValidationError("--augment-shift: from 0 to 4096 pixels, not \(shift)")
        }
        if let brightness, !(0...1).contains(brightness) {
            throw ValidationError("--augment-brightness: from 0 to 1, not \(brightness)")
        }
    }
}
