import Foundation
import Kernels
import TensorCore

// What is measured, each with --threads N and --isa NAME. Every result is one line of JSON.
let usage = """
    usage: EngineBenchmarks WHAT [--threads N] [--isa NAME]
      products | layers | convolutions [NETWORK ...] [--precision single|bf16] | peak [--precision single|bf16]
      steps [--cell lstm|gru|rnn] [--layers N] [--hidden N] [--lanes N] [--steps N] [--classes N] [--embedding N]
            [--dropout SHARE] [--precision single|bf16] [--seconds S]
      sample [--streams N] [--cell KIND] [--layers N] [--hidden N] [--classes N] [--embedding N]
            [--precision single|int8] [--seconds S]
      autoencoder a16|a32|book|c|d train|encode [--precision single|bf16] [--seconds S]
      classifier IMAGES LABELS [--epochs N] [--export FOLDER]
      corpus FILE [--repetitions N]
      read [--bytes N]
      \(KernelBenchmarks.usage)
    """
func option(_ name: String, from arguments: inout [String]) -> String? {
    guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
    defer { arguments.removeSubrange(index...index + 1) }
    return arguments[index + 1]
}

var arguments = Array(CommandLine.arguments.dropFirst())
let threads = option("--threads", from: &arguments).flatMap { Int($0) }
let set = option("--isa", from: &arguments).flatMap(InstructionSet.init(rawValue:))
let context = ComputeContext(threads: threads, instructionSet: set)
let rest = arguments.dropFirst()
do {
    switch arguments.first {
    case "products": benchmarkProducts(context)
    case "layers": benchmarkRecurrentLayers(context)
    case "convolutions":
        let names = rest.prefix { !$0.hasPrefix("--") }
        let options = Options(rest.dropFirst(names.count), names: ["precision"])
        benchmarkConvolutions(Array(names), options.choice("precision", default: ProductPrecision.single), context)
    case "kernels": KernelBenchmarks.run(Array(rest), in: context)
    case "peak": printLine(PeakRate(Options(rest, names: ["precision"]), in: context))
    case "steps": printLine(TrainingStepRate(Options(rest, names: TrainingStepRate.options), in: context))
    case "sample": try printLine(SamplingRate(Options(rest, names: SamplingRate.options), in: context))
    case "autoencoder" where rest.count >= 2:
        let options = Options(rest.dropFirst(2), names: ["seconds", "precision"])
        guard let rates = AutoencoderRates(arguments[1], in: context), ["train", "encode"].contains(arguments[2]) else {
            Options.stop(usage)
        }
        printLine(
            rates.measure(
                arguments[2], options.choice("precision", default: ProductPrecision.single),
                seconds: options.value("seconds", default: 5.0)))
    case "classifier" where rest.count >= 2:
        let options = Options(rest.dropFirst(2), names: ClassifierRun.options)
        try printLine(ClassifierRun(images: arguments[1], labels: arguments[2], options, in: context))
    case "corpus" where rest.count >= 1:
        let options = Options(rest.dropFirst(), names: ["repetitions"])
        try printLine(CorpusReadingRate(arguments[1], repetitions: options.value("repetitions", default: 1)))
    case "read":
        let options = Options(rest, names: ["bytes"])
        printLine(MemoryReadingRate(bytes: options.value("bytes", default: 16_000_000), in: context))
    default: Options.stop(usage)
    }
} catch {
    FileHandle.standardError.write(Data("EngineBenchmarks: \(error)\n".utf8))
    exit(1)
}
