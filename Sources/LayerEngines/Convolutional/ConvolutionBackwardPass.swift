import Kernels
import TensorCore

/// All gradients of a convolution, in one parallel region.
///
/// Where each thread can have as many blocks as the others, it takes its own through all steps one after the other, while
/// they are in its cache, and meets the other threads only to add up the gradient of the weights. The results do not depend
/// on that: each element is made by one thread in a fixed order either way.
struct ConvolutionBackwardPass {
    let sums: ActivationGradientPass
    /// Nil if the gradient of the input is not wanted.
    let input: GatherPass?
    /// Nil if the gradient of the weight is not wanted.
    let weight: OuterPass?

    func run(blocks: Int, in context: ComputeContext) {
        let workers = context.workers, threads = workers.count
        let planes = sums.job, gather = input?.job, outer = weight?.job
        let isApart = blocks % threads == 0 && (outer.map { $0.copies % threads == 0 } ?? true)
        let planesOfBlock = planes.planes / blocks, unitsOfBlock = gather?.unitsOfBlock ?? 0
        workers.run { thread in
            if isApart {
                let pieces = outer?.copies ?? blocks
                for piece in workers.share(of: pieces, thread: thread) {
                    let mine = outer?.blocks(ofCopy: piece) ?? piece..<piece + 1
                    for block in mine {
                        planes.run(block * planesOfBlock..<(block + 1) * planesOfBlock)
                        gather?.run(block * unitsOfBlock..<(block + 1) * unitsOfBlock, thread: thread)
                    }
                    guard let outer else { continue }
                    outer.clear(piece * outer.copySize..<(piece + 1) * outer.copySize)
                    outer.compute(piece * outer.units..<(piece + 1) * outer.units, thread: thread)
                }
            } else {
                planes.run(workers.share(of: planes.planes, thread: thread))
                if let outer {
                    outer.clear(workers.share(of: outer.copies * outer.copySize, multipleOf: 16, thread: thread))
                }
                workers.barrier()
                if let gather { gather.run(workers.share(of: gather.units, thread: thread), thread: thread) }
                if let outer {
                    outer.compute(workers.share(of: outer.copies * outer.units, thread: thread), thread: thread)
                }
            }
            guard let outer else { return }
            workers.barrier()
            if outer.copies > 1 {
                outer.add(workers.share(of: outer.copySize, multipleOf: 16, thread: thread))
                workers.barrier()
            }
            outer.order(workers.share(of: outer.channels, thread: thread))
        }
    }
}
