import CKernels
import Kernels
import TensorCore

/// dW_ih, dW_hh and the bias gradients of a window.
///
/// Each panel's gradient is one product of x and h, both in the order of ``GroupedSequence``, transposed, with dgates, two
/// time steps at a time. The forward pass has left h in that order; x is regrouped here. One-hot inputs scatter rows
/// instead.
struct RecurrentWeightGradients {
    let layout: PanelLayout
    let steps: Int
    let lanes: Int
    let gates: UnsafePointer<Float>
    let x: Tensor?
    let ids: [Int32]?
    /// h before each step, in the order of ``GroupedSequence``.
    let grouped: Tensor
    /// D
    let depth: Int

    struct Result {
        var weightIH, weightHH, biasIH, biasHH: Tensor
    }

    func compute(in context: ComputeContext) -> Result {
        let hidden = layout.hidden, rows = layout.kind.gates * hidden, workspace = context.workspace
        var result = Result(
            weightIH: Tensor(uninitialized: [rows, depth], in: workspace),
            weightHH: Tensor(uninitialized: [rows, hidden], in: workspace),
            biasIH: Tensor(uninitialized: [rows], in: workspace), biasHH: Tensor(uninitialized: [rows], in: workspace))
        let xSequence = GroupedSequence(steps: steps, lanes: lanes, columns: depth)
        let hSequence = GroupedSequence(steps: steps, lanes: lanes, columns: hidden)
        var xGrouped = Tensor(uninitialized: [x == nil ? 0 : xSequence.count], in: workspace)
        let workers = context.workers, scratchSize = (depth + hidden + 1) * 64
        var scratch = Tensor(uninitialized: [workers.count, scratchSize], in: workspace)

        let pass = Pass(
            kernels: context.kernels, layout: layout, steps: steps, lanes: lanes, depth: depth, gates: gates,
            xSequence: xSequence, xGrouped: x == nil ? nil : UnsafePointer(xGrouped.mutablePointer),
            hSequence: hSequence, hGrouped: grouped.pointer, weightIH: result.weightIH.mutablePointer,
            weightHH: result.weightHH.mutablePointer, biasIH: result.biasIH.mutablePointer,
            biasHH: result.biasHH.mutablePointer)
        let block = scratch.mutablePointer, panels = layout.count, steps = steps, step = lanes * depth
        let xRows = x?.pointer, xTarget = xGrouped.mutablePointer
        defer { withExtendedLifetime((x, xGrouped, grouped, scratch)) {} }
        func run(ids: UnsafePointer<Int32>?) {
            workers.run { thread in
                if let xRows {
                    for t in workers.share(of: steps, thread: thread) {
                        xSequence.regroup(xRows + t * step, step: t, into: xTarget)
                    }
                    workers.barrier()
                }
                for panel in workers.share(of: panels, thread: thread) {
                    pass.compute(panel, ids: ids, scratch: block + thread * scratchSize)
                }
            }
        }
        if let ids { ids.withUnsafeBufferPointer { run(ids: $0.baseAddress) } } else { run(ids: nil) }
        return result
    }

    private struct Pass {
        let kernels: CKKernels
        let layout: PanelLayout
        let steps: Int
        let lanes: Int
        let depth: Int
        let gates: UnsafePointer<Float>
        let xSequence: GroupedSequence
        let xGrouped: UnsafePointer<Float>?
        let hSequence: GroupedSequence
        let hGrouped: UnsafePointer<Float>
        let weightIH, weightHH, biasIH, biasHH: UnsafeMutablePointer<Float>

        /// All gradients of one panel, accumulated as [input or hidden unit][64] and then transposed into place.
        func compute(_ panel: Int, ids: UnsafePointer<Int32>?, scratch: UnsafeMutablePointer<Float>) {
            let xSum = scratch, hSum = scratch + depth * 64, bias = hSum + layout.hidden * 64
            bias.update(repeating: 0, count: 64)
            if ids != nil { xSum.update(repeating: 0, count: depth * 64) }
            for first in stride(from: 0, to: steps, by: GroupedSequence.stepBlock) {
                let block = first..<min(first + GroupedSequence.stepBlock, steps)
                for step in block {
                    kernels.sum_and_scatter(
                        gates + (step * layout.count + panel) * lanes * 64, lanes, bias, ids == nil ? nil : xSum, 64,
                        layout.width, ids.map { $0 + step * lanes })
                }
                if let xGrouped { product(xGrouped, xSequence, panel, block, offset: 0, xSum) }
                product(hGrouped, hSequence, panel, block, offset: layout.hiddenOffset, hSum)
            }
            for part in 0..<layout.blocks {
                let input = layout.inputRows(panel, part), recurrent = layout.hiddenRows(panel, part)
                let column = part * 16
                kernels.transpose(xSum + column, 64, depth, input.count, weightIH + input.first * depth, depth)
                kernels.transpose(
                    hSum + column, 64, layout.hidden, recurrent.count, weightHH + recurrent.first * layout.hidden,
                    layout.hidden)
                for j in 0..<input.count {
                    biasIH[input.first + j] = bias[column + j]
                    biasHH[recurrent.first + j] = bias[layout.hiddenOffset + column + j]
                }
            }
        }

        private func product(
            _ values: UnsafePointer<Float>, _ sequence: GroupedSequence, _ panel: Int, _ block: Range<Int>,
            offset: Int, _ sum: UnsafeMutablePointer<Float>
        ) {
            var p = CKPanelProduct()
            p.a_row = 1
            p.a_k = 16
            p.a_group = lanes * 16
            p.b = gates + (block.lowerBound * layout.count + panel) * lanes * 64 + offset
            p.b_k = 64
            p.b_group = layout.count * lanes * 64
            (p.c_row, p.start_row) = (64, 64)
            p.groups = block.count
            p.inner = lanes
            p.columns = layout.width
            let first = values + sequence.offset(step: block.lowerBound)
            for u in 0..<sequence.groups {
                p.a = first + u * sequence.groupStride
                p.c = sum + u * 16 * 64
                if block.lowerBound > 0 { p.start = UnsafePointer(p.c) }
                p.rows = min(16, sequence.columns - u * 16)
                p.prefetch.0 = p.a + sequence.groupStride
                kernels.panel_product(&p)
            }
        }
    }
}
