import CKernels
import Kernels
import TensorCore

/// Carries out a ``GatherPlan`` on all blocks of a batch.
struct GatherPass {
    let job: GatherJob
    private let plan: GatherPlan
    private let y: Tensor
    private let kept: (Tensor, Tensor, Tensor?, Tensor)

    /// - Parameters:
    ///   - x: [blocks, inputs, height, width, 16].
    ///   - activation: applied to the sums, bias included.
    init(
        _ plan: GatherPlan, _ x: Tensor, weights: Tensor, bias: Tensor?, activation: FusedActivation = .linear,
        in context: ComputeContext
    ) {
        var y = Tensor(
            uninitialized: [x.shape[0], plan.outputs, plan.outputSize.height, plan.outputSize.width, 16],
            in: context.workspace)
        var pairs = Tensor(
            uninitialized: [context.workers.count, plan.precision == .single ? 0 : plan.inputBlock],
            in: context.workspace)
        var call = CKGather()
        call.y = y.mutablePointer
        call.weights = weights.pointer
        call.weight_terms = plan.weightTerms
        call.bias = bias?.pointer
        call.plane = plan.outputSize.area * 16
        call.activation = activation.code
        call.slope = activation.slope
        job = GatherJob(plan, call, x: x, pairs: pairs.mutablePointer, in: context)
        self.plan = plan
        self.y = y
        kept = (x, weights, bias, pairs)
    }

    /// [blocks, outputs, height, width, 16], after all units of the job.
    var result: Tensor { withExtendedLifetime((plan, kept)) { y } }

    /// The whole job, in a parallel region of its own if that is worth one.
    func run(in context: ComputeContext) -> Tensor {
        let job = job, workers = context.workers, units = job.units
        if workers.count == 1 || y.count * plan.weightTerms < 1 << 18 {
            job.run(0..<units, thread: 0)
        } else {
            workers.run { thread in job.run(workers.share(of: units, thread: thread), thread: thread) }
        }
        return result
    }
}
