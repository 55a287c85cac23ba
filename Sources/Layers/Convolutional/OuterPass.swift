import CKernels
import Kernels
import TensorCore

/// Carries out an ``OuterPlan`` on all blocks of a batch: the gradient of a convolution's weights.
///
/// A thread owns some weights and adds up their blocks in order. Where the weights are few, blocks are shared out too: then
/// each group of blocks has a gradient of its own, and these are added in order. Which of the two follows from the shape.
enum OuterPass {
    /// Up to this many weights a group of blocks has a gradient of its own.
    private static let fewWeights = 1 << 14

    /// - Parameters:
    ///   - small: [blocks, small channels, height, width, 16].
    ///   - big: [blocks, big channels, height, width, 16].
    /// - Returns: [small channels, big channels, kernel height, kernel width].
    static func run(_ plan: OuterPlan, small: Tensor, big: Tensor, in context: ComputeContext) -> Tensor {
        let workers = context.workers, kernels = context.kernels, weights = plan.columns * plan.sides.smallChannels
        let isTurned = plan.isTurned, isApart = !isTurned && weights <= fewWeights
        let job = OuterJob(plan, small: small, big: big, threads: workers.count, isApart: isApart, in: context)
        let apart = (weights + 15) / 16 * 16  // kernels run on to the next multiple of 16
        let copies = isApart ? job.blockGroups : 1, units = job.units
        var gradient = Tensor(zeros: [copies, apart], in: context.workspace)
        var scratch = Tensor(uninitialized: [workers.count, plan.turnedSize], in: context.workspace)
        let target = gradient.mutablePointer, buffers = scratch.mutablePointer, size = plan.turnedSize
        let blockGroups = job.blockGroups

        func compute(_ thread: Int) {
            if isTurned {
                let mine = workers.share(of: units, thread: thread)
                for blocks in 0..<blockGroups { job.turned(blocks, mine, buffers + thread * size, target) }
            } else if isApart {
                let mine = workers.share(of: blockGroups * units, thread: thread)
                for blocks in 0..<blockGroups {
                    let part = mine.clamped(to: blocks * units..<(blocks + 1) * units)
                    let range = part.lowerBound - blocks * units..<part.upperBound - blocks * units
                    job.lanes(blocks, range, target + blocks * apart)
                }
                workers.barrier()
                let share = workers.share(of: weights, unit: 16, thread: thread)
                for copy in stride(from: 1, to: share.isEmpty ? 0 : copies, by: 1) {
                    kernels.accumulate(
                        target + copy * apart + share.lowerBound, 1, target + share.lowerBound, share.count)
                }
            } else {
                let mine = workers.share(of: units, thread: thread)
                for blocks in 0..<blockGroups { job.lanes(blocks, mine, target) }
            }
        }
        return withExtendedLifetime((small, big, plan, scratch)) {
            workers.run(compute)
            return plan.unpacked(gradient, in: context)
        }
    }
}

extension OuterPlan {
    /// [tap][channel][row] to [row, channel, kernel height, kernel width].
    fileprivate func unpacked(_ packed: Tensor, in context: ComputeContext) -> Tensor {
        let rows = sides.smallChannels, channels = sides.bigChannels, area = geometry.kernel.area, columns = columns
        var result = Tensor(
            uninitialized: [rows, channels, geometry.kernel.height, geometry.kernel.width], in: context.workspace)
        let target = result.mutablePointer, source = packed.pointer, kernels = context.kernels
        withExtendedLifetime(packed) {
            context.forParts(channels, work: result.count) { range in
                for channel in range {
                    kernels.transpose(
                        source + channel * rows, channels * rows, area, rows, target + channel * area, columns)
                }
            }
        }
        return result
    }
}
