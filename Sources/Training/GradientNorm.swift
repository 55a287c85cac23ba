import CKernels
import Kernels
package import TensorCore

/// The Euclidean norm of all gradients taken as one vector.
package enum GradientNorm {
    /// Elements that are summed in single precision; what follows is in Double, in one fixed order, so that the bits do
    /// not depend on the number of threads.
    static let block = 4096

    /// Not finite if an element is not, or if a block's squares add up to more than single precision holds (elements
    /// around 1e17): in either case the step must not be taken. Cost: one pass over the gradients.
    package static func of(_ gradients: NamedTensors, in context: ComputeContext) -> Double {
        var sum = 0.0
        for (_, gradient) in gradients { sum += sumOfSquares(gradient, in: context) }
        return sum.squareRoot()
    }

    private static func sumOfSquares(_ tensor: Tensor, in context: ComputeContext) -> Double {
        let total = tensor.count, blocks = (total + block - 1) / block, kernels = context.kernels
        let workers = context.workers
        var partial = Tensor(uninitialized: [blocks], in: context.workspace)
        let sums = partial.mutablePointer
        return tensor.withUnsafePointer { x in
            func add(_ range: Range<Int>) {
                for index in range {
                    let start = index * block
                    sums[index] = kernels.sum_of_squares(x + start, min(block, total - start))
                }
            }
            // Below four blocks a parallel region costs more than it saves.
            if blocks < 4 { add(0..<blocks) } else { workers.run { add(workers.share(of: blocks, thread: $0)) } }
            return withExtendedLifetime(partial) { (0..<blocks).reduce(0.0) { $0 + Double(sums[$1]) } }
        }
    }
}
