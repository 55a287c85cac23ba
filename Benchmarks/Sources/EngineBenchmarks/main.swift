import Kernels
import LanguageModels
import TensorCore

// What is measured, each with --threads N and --isa NAME.
let usage = """
    usage: EngineBenchmarks WHAT [--threads N] [--isa NAME]
      products | layers | convolutions [NETWORK ...] | peak
      \(KernelBenchmarks.usage)
      steps CELL HIDDEN SECONDS
      autoencoder NETWORK train|encode SECONDS
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
switch arguments.first {
case "products": benchmarkProducts(context)
case "layers": benchmarkRecurrentLayers(context)
case "convolutions": benchmarkConvolutions(Array(arguments.dropFirst()), context)
case "kernels": KernelBenchmarks.run(Array(arguments.dropFirst()), in: context)
case "peak": print("peak \(Int(peakGigaflops(context)))")
case "steps" where arguments.count == 4:
    benchmarkTrainingSteps(
        StackLayer.Cell(rawValue: arguments[1]) ?? .lstm, hidden: Int(arguments[2]) ?? 128,
        seconds: Double(arguments[3]) ?? 5, context)
case "autoencoder" where arguments.count == 4:
    AutoencoderRates(arguments[1], in: context)?.run(arguments[2], seconds: Double(arguments[3]) ?? 5)
default: print(usage)
}
