import ArgumentParser
import CommandLineSupport
import LanguageModels

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure what this machine reaches, as a share of its own peak.",
        discussion: """
            Ten seconds of whole training steps and of sampling on made-up text. GFLOP/s are billions of useful \
            floating-point operations a second: two for each multiply-add that the model cannot do without. The peak is \
            what the processor's multiply-add units do when nothing else is in the way, in the same run; one stream of \
            sampling is limited by reading all weights for every character instead.

            Examples:
              charnn bench
              charnn bench --threads 1 --json
              JACQUARD_ISA=avx2 charnn bench --seconds 30
            """)

    @OptionGroup var arguments: BenchmarkArguments

    func run() throws { try arguments.run(LanguageModel.benchmark, unit: "characters") }
}
