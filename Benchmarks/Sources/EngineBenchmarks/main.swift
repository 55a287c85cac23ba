import Kernels
import LanguageModels
import TensorCore

// products | layers | convolutions [NETWORK ...] | peak | steps CELL HIDDEN SECONDS, each with --threads N and --isa NAME.
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
case "peak": print("peak \(Int(peakGigaflops(context)))")
case "steps" where arguments.count == 4:
    benchmarkTrainingSteps(
        StackLayer.Cell(rawValue: arguments[1]) ?? .lstm, hidden: Int(arguments[2]) ?? 128,
        seconds: Double(arguments[3]) ?? 5, context)
default:
    print(
        "usage: EngineBenchmarks products|layers|convolutions [NETWORK ...]|peak|steps CELL HIDDEN SECONDS "
            + "[--threads N] [--isa NAME]")
}
