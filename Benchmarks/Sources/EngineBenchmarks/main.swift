import Kernels
import TensorCore

let arguments = CommandLine.arguments.dropFirst()
let sets = arguments.contains("--all-instruction-sets") ? InstructionSet.available.filter { $0 != .portable } : [InstructionSet.available[0]]
for set in sets {
    for threads in [1, ProcessorCount.physicalAndAllowed] {
        let context = ComputeContext(threads: threads, instructionSet: set)
        if arguments.isEmpty || arguments.contains("products") { benchmarkProducts(context) }
        if arguments.isEmpty || arguments.contains("layers") { benchmarkRecurrentLayers(context) }
    }
}
