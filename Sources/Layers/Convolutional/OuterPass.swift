import CKernels
import Kernels
import TensorCore

/// Carries out an ``OuterPlan`` on all blocks of a batch: the gradient of a convolution's weights.
///
/// A thread owns some columns and adds up their blocks in order. Where the weights are few, blocks are shared out too:
/// then each block's gradient is kept apart, and they are added in the same order. Both give the same bits.
enum OuterPass {
    /// Up to this many weights each block may have a gradient of its own.
    private static let fewWeights = 1 << 14

    /// - Parameters:
    ///   - small: [blocks, small channels, height, width, 16].
    ///   - big: [blocks, big channels, height, width, 16].
    /// - Returns: [small channels, big channels, kernel height, kernel width].
    static func run(_ plan: OuterPlan, small: Tensor, big: Tensor, in context: ComputeContext) -> Tensor {
        let workers = context.workers, kernels = context.kernels
        let blocks = small.shape[0], groups = plan.groups.count, weights = plan.columns * plan.sides.smallChannels
        let isTurned = plan.isTurned, isApart = workers.count > 1 && !isTurned && weights <= fewWeights
        let apart = (weights + 15) / 16 * 16  // kernels run on to the next multiple of 16
        var gradient = Tensor(uninitialized: [isApart ? blocks : 1, apart], in: context.workspace)
        var scratch = Tensor(uninitialized: [workers.count, plan.scratchSize], in: context.workspace)
        let target = gradient.mutablePointer, buffers = scratch.mutablePointer, size = plan.scratchSize
        let job = OuterJob(plan, small: small.pointer, big: big.pointer, in: context)

        func compute(_ thread: Int) {
            let scratch = buffers + thread * size
            job.clearRing(scratch)
            if isTurned {
                let units = workers.share(of: job.rowGroups * groups, thread: thread)
                for block in 0..<blocks { job.turned(block, units, scratch, target) }
            } else if isApart {
                let units = workers.share(of: blocks * groups, thread: thread)
                for block in 0..<blocks {
                    let mine = units.clamped(to: block * groups..<(block + 1) * groups)
                    let range = mine.lowerBound - block * groups..<mine.upperBound - block * groups
                    job.lanes(block, range, accumulate: false, scratch, target + block * apart)
                }
                workers.barrier()
                let share = workers.share(of: weights, unit: 16, thread: thread)
                for block in stride(from: 1, to: share.isEmpty ? 0 : blocks, by: 1) {
                    kernels.accumulate(
                        target + block * apart + share.lowerBound, 1, target + share.lowerBound, share.count)
                }
            } else {
                let units = workers.share(of: groups, thread: thread)
                for block in 0..<blocks { job.lanes(block, units, accumulate: block > 0, scratch, target) }
            }
        }
        return withExtendedLifetime((small, big, plan, scratch)) {
            workers.run(compute)
            return plan.unpacked(gradient, in: context)
        }
    }
}

extension OuterPlan {
    /// [tap and channel][row] to [row, channel, kernel height, kernel width].
    fileprivate func unpacked(_ packed: Tensor, in context: ComputeContext) -> Tensor {
        let rows = sides.smallChannels, channels = sides.bigChannels, area = geometry.kernel.area
        var result = Tensor(
            uninitialized: [rows, channels, geometry.kernel.height, geometry.kernel.width], in: context.workspace)
        let target = result.mutablePointer, source = packed.pointer, kernels = context.kernels, columns = columns
        let isTogether = isTogether
        withExtendedLifetime(packed) {
            context.forParts(channels, work: result.count) { range in
                for channel in range {
                    let from = source + channel * rows * (isTogether ? area : 1)
                    kernels.transpose(
                        from, isTogether ? rows : channels * rows, area, rows, target + channel * area, columns)
                }
            }
        }
        return result
    }
}
