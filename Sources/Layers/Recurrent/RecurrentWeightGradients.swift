import CKernels
import Kernels
import TensorCore

/// dW_ih, dW_hh and the bias gradients of a window.
///
/// x and h are first regrouped to [t][16 columns][n][16], so that 16 of them for one (t, n) are a cache line; then each
/// panel's gradient is one product of their transpose with dgates, two time steps at a time: 32 KB of dgates stay in the
/// first-level cache while 16 rows after the other pass. One-hot inputs scatter rows instead.
struct RecurrentWeightGradients {
    let layout: PanelLayout
    let steps: Int
    let lanes: Int
    let gates: UnsafePointer<Float>
    let x: Tensor?
    let ids: [Int32]?
    let h0: Tensor
    let y: Tensor
    /// D
    let depth: Int

    struct Result {
        var weightIH, weightHH, biasIH, biasHH: Tensor
    }

    private static let stepBlock = 2

    func compute(in context: ComputeContext) -> Result {
        let hidden = layout.hidden, rows = layout.kind.gates * hidden, workspace = context.workspace
        var result = Result(
            weightIH: Tensor(uninitialized: [rows, depth], in: workspace),
            weightHH: Tensor(uninitialized: [rows, hidden], in: workspace),
            biasIH: Tensor(uninitialized: [rows], in: workspace), biasHH: Tensor(uninitialized: [rows], in: workspace))
        let xGroups = x == nil ? 0 : (depth + 15) / 16, hGroups = (hidden + 15) / 16
        var xGrouped = Tensor(uninitialized: [steps, xGroups, lanes, 16], in: workspace)
        var hGrouped = Tensor(uninitialized: [steps, hGroups, lanes, 16], in: workspace)
        let workers = context.workers, scratchSize = (depth + hidden + 1) * 64
        var scratch = Tensor(uninitialized: [workers.count, scratchSize], in: workspace)

        let pass = Pass(
            kernels: context.kernels, layout: layout, steps: steps, lanes: lanes, depth: depth, gates: gates,
            x: x?.pointer, xGrouped: xGrouped.mutablePointer, h0: h0.pointer, y: y.pointer,
            hGrouped: hGrouped.mutablePointer, weightIH: result.weightIH.mutablePointer,
            weightHH: result.weightHH.mutablePointer, biasIH: result.biasIH.mutablePointer,
            biasHH: result.biasHH.mutablePointer)
        let block = scratch.mutablePointer, panels = layout.count, steps = steps
        defer { withExtendedLifetime((xGrouped, hGrouped, scratch)) {} }
        func run(ids: UnsafePointer<Int32>?) {
            workers.run { thread in
                for step in workers.share(of: steps, thread: thread) { pass.regroup(step) }
                workers.barrier()
                for panel in workers.share(of: panels, thread: thread) {
                    pass.compute(panel, ids: ids, scratch: block + thread * scratchSize)
                }
            }
        }
        withExtendedLifetime((x, h0, y)) {
            if let ids { ids.withUnsafeBufferPointer { run(ids: $0.baseAddress) } } else { run(ids: nil) }
        }
        return result
    }

    private struct Pass {
        let kernels: CKKernels
        let layout: PanelLayout
        let steps: Int
        let lanes: Int
        let depth: Int
        let gates: UnsafePointer<Float>
        let x: UnsafePointer<Float>?
        let xGrouped: UnsafeMutablePointer<Float>
        let h0: UnsafePointer<Float>
        let y: UnsafePointer<Float>
        let hGrouped: UnsafeMutablePointer<Float>
        let weightIH, weightHH, biasIH, biasHH: UnsafeMutablePointer<Float>

        func regroup(_ step: Int) {
            if let x { group(x + step * lanes * depth, columns: depth, step, xGrouped) }
            let before = step == 0 ? h0 : y + (step - 1) * lanes * layout.hidden
            group(before, columns: layout.hidden, step, hGrouped)
        }

        /// [n][columns] to [columns / 16][n][16] of one step.
        private func group(
            _ source: UnsafePointer<Float>, columns: Int, _ step: Int, _ grouped: UnsafeMutablePointer<Float>
        ) {
            let groups = (columns + 15) / 16, target = grouped + step * groups * lanes * 16
            for n in 0..<lanes {
                let row = source + n * columns
                for u in 0..<groups {
                    let cell = target + (u * lanes + n) * 16
                    if u * 16 + 16 <= columns {
                        UnsafeMutableRawPointer(cell).copyMemory(from: row + u * 16, byteCount: 64)
                    } else {
                        for j in 0..<16 { cell[j] = u * 16 + j < columns ? row[u * 16 + j] : 0 }
                    }
                }
            }
        }

        /// All gradients of one panel, accumulated as [input or hidden unit][64] and then transposed into place.
        func compute(_ panel: Int, ids: UnsafePointer<Int32>?, scratch: UnsafeMutablePointer<Float>) {
            let xSum = scratch, hSum = scratch + depth * 64, bias = hSum + layout.hidden * 64
            bias.update(repeating: 0, count: 64)
            if ids != nil { xSum.update(repeating: 0, count: depth * 64) }
            for first in stride(from: 0, to: steps, by: RecurrentWeightGradients.stepBlock) {
                let block = first..<min(first + RecurrentWeightGradients.stepBlock, steps)
                for step in block {
                    kernels.sum_and_scatter(
                        gates + (step * layout.count + panel) * lanes * 64, lanes, bias, ids == nil ? nil : xSum, 64,
                        layout.width, ids.map { $0 + step * lanes })
                }
                if x != nil { product(xGrouped, columns: depth, panel, block, offset: 0, xSum) }
                product(hGrouped, columns: layout.hidden, panel, block, offset: layout.hiddenOffset, hSum)
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
            _ grouped: UnsafeMutablePointer<Float>, columns: Int, _ panel: Int, _ block: Range<Int>, offset: Int,
            _ sum: UnsafeMutablePointer<Float>
        ) {
            let groups = (columns + 15) / 16
            var p = CKPanelProduct()
            p.a_row = 1
            p.a_k = 16
            p.a_group = groups * lanes * 16
            p.b = gates + (block.lowerBound * layout.count + panel) * lanes * 64 + offset
            p.b_k = 64
            p.b_group = layout.count * lanes * 64
            p.c_row = 64
            p.groups = block.count
            p.inner = lanes
            p.columns = layout.width
            p.accumulate = block.lowerBound > 0 ? 1 : 0
            for u in 0..<groups {
                p.a = UnsafePointer(grouped) + (block.lowerBound * groups + u) * lanes * 16
                p.c = sum + u * 16 * 64
                p.rows = min(16, columns - u * 16)
                p.prefetch = u + 1 < groups ? p.a + lanes * 16 : nil
                kernels.panel_product(&p)
            }
        }
    }
}
