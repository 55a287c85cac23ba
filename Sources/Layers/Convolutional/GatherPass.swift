import CKernels
import Kernels
import TensorCore

/// Carries out a ``GatherPlan`` on all blocks of a batch.
///
/// The work is cut into blocks; a block whose input exceeds the second-level cache into bands of rows with about 256 KB of
/// input, which all classes and output tiles share; and, if there are fewer of these than the threads need, into groups of
/// output tiles and narrower bands. Each element is one sum by one thread, so no cut changes a bit.
struct GatherPass {
    private let gather: @convention(c) (UnsafePointer<CKGather>?) -> Void
    private let classes: UnsafePointer<GatherPlan.Class>
    private let classCount: Int
    private let tiles: UnsafePointer<CKOutputs>
    private let tileCount: Int
    private let rows: Int
    private let inputBlock: Int
    private let outputBlock: Int
    private let job: CKGather
    private var bands = 1
    private var groups = 1

    /// - Parameters:
    ///   - x: [blocks, inputs, height, width, 16].
    ///   - activation: applied to the sums, bias included.
    /// - Returns: [blocks, outputs, height, width, 16].
    static func run(
        _ plan: GatherPlan, _ x: Tensor, weights: Tensor, bias: Tensor?, activation: FusedActivation = .linear,
        in context: ComputeContext
    ) -> Tensor {
        let blocks = x.shape[0]
        var y = Tensor(
            uninitialized: [blocks, plan.outputs, plan.outputSize.height, plan.outputSize.width, 16],
            in: context.workspace)
        var job = CKGather()
        job.x = x.pointer
        job.y = y.mutablePointer
        job.weights = weights.pointer
        job.weight_terms = plan.weightTerms
        job.bias = bias?.pointer
        job.plane = plan.outputSize.area * 16
        job.activation = activation.code
        job.slope = activation.slope
        withExtendedLifetime((x, weights, bias, plan)) {
            var pass = GatherPass(plan, job, in: context)
            pass.divide(blocks, threads: context.workers.count)
            let units = blocks * pass.bands * pass.groups, fixed = pass
            if context.workers.count == 1 || y.count * plan.weightTerms < 1 << 18 {
                fixed.run(0..<units)
            } else {
                let workers = context.workers
                workers.run { thread in fixed.run(workers.share(of: units, thread: thread)) }
            }
        }
        return y
    }

    private init(_ plan: GatherPlan, _ job: CKGather, in context: ComputeContext) {
        gather = context.kernels.gather
        classes = plan.classes.pointer
        classCount = plan.classes.count
        tiles = plan.tiles.pointer
        tileCount = plan.tiles.count
        rows = plan.outputSize.height
        inputBlock = plan.inputs * plan.inputSize.area * 16
        outputBlock = plan.outputs * plan.outputSize.area * 16
        self.job = job
    }

    private mutating func divide(_ blocks: Int, threads: Int) {
        let bytes = inputBlock * MemoryLayout<Float>.stride
        if bytes > 1 << 19 { bands = min(rows, (bytes >> 18) + 1) }
        guard threads > 1, blocks % threads != 0 else { return }
        while blocks * bands * groups < 4 * threads, groups < tileCount { groups += 1 }
        while blocks * bands * groups < 4 * threads, bands < rows { bands += 1 }
    }

    private func run(_ units: Range<Int>) {
        var job = job
        for unit in units {
            let group = unit % groups, band = unit / groups % bands, block = unit / groups / bands
            let firstTile = tileCount * group / groups
            job.tiles = tiles + firstTile
            job.tile_count = tileCount * (group + 1) / groups - firstTile
            job.x = self.job.x + block * inputBlock
            job.y = self.job.y + block * outputBlock
            let top = rows * band / bands, bottom = rows * (band + 1) / bands
            for index in 0..<classCount {
                let one = classes[index]
                let first = Int(one.rowsAbove[top]), last = Int(one.rowsAbove[bottom])
                guard first < last else { continue }
                job.terms = one.terms
                job.term_count = one.termCount
                job.pixels = one.pixels + first * one.columns
                job.pixel_count = (last - first) * one.columns
                job.run = one.run
                gather(&job)
            }
        }
    }
}
