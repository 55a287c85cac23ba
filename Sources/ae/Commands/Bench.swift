import ArgumentParser
import Autoencoders
import CommandLineSupport

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure what this machine reaches, as a share of its own peak.",
        discussion: """
            Ten seconds of whole training steps and of encoding, on made-up pictures and with the networks that train \
            chooses for them. GFLOP/s are billions of useful floating-point operations a second: two for each \
            multiply-add that the network cannot do without. The peak is what the processor's multiply-add units do when \
            nothing else is in the way, in the same run.

            Examples:
              ae bench
              ae bench --threads 1 --json
              JACQUARD_ISA=avx2 ae bench --seconds 30
            """)

    @OptionGroup var arguments: BenchmarkArguments

    func run() throws { try arguments.run(Autoencoder.benchmark(), unit: "pictures") }
}
