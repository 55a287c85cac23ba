import CKernels
import Kernels
import TensorCore

/// Carries out an ``OuterPlan`` on all blocks of a batch: the gradient of a convolution's weights.
///
/// The blocks are divided among several copies of the gradient, which are added up in order: a thread with copies of its own
/// reads only the blocks that it made itself. Where the weights are many there is one copy, and a thread owns some of them
/// and adds up their blocks in order. Which of the two follows from the shape.
struct OuterPass {
    /// What threads do. Pointers and integers only.
    let job: OuterJob
    private let plan: OuterPlan
    private let result: Tensor
    private let kept: (Tensor, Tensor, Tensor, Tensor)

    /// - Parameters:
    ///   - small: [blocks, small channels, height, width, 16].
    ///   - big: [blocks, big channels, height, width, 16].
    init(_ plan: OuterPlan, small: Tensor, big: Tensor, in context: ComputeContext) {
        let sides = plan.sides, kernel = plan.geometry.kernel, workspace = context.workspace
        var gradient = Tensor(uninitialized: [plan.copies(blocks: small.shape[0]), plan.copySize], in: workspace)
        var scratch = Tensor(
            uninitialized: [context.workers.count, plan.smallScratch + plan.bigScratch], in: workspace)
        var result = Tensor(
            uninitialized: [sides.smallChannels, sides.bigChannels, kernel.height, kernel.width], in: workspace)
        job = OuterJob(
            plan, small: small, big: big, gradient: gradient.mutablePointer, scratch: scratch.mutablePointer,
            result: result.mutablePointer, in: context)
        self.result = result
        self.plan = plan
        kept = (small, big, gradient, scratch)
    }

    /// [small channels, big channels, kernel height, kernel width], after all steps of the job.
    var weightGradient: Tensor { withExtendedLifetime((plan, kept)) { result } }
}
