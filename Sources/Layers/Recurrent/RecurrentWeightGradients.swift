import CKernels
import Kernels
import TensorCore

/// dW_ih, dW_hh and the bias gradients of a window.
///
/// Each panel's gradient is one product of x and h, transposed, with dgates, two time steps at a time: 64 lanes of dgates
/// for two steps, 32 KB, stay in the first-level cache while all columns of x and h pass by, 16 at a time, each 16 of a
/// lane a cache line. One-hot inputs scatter rows instead.
struct RecurrentWeightGradients {
    let layout: PanelLayout
    let steps: Int
    let lanes: Int
    let gates: UnsafePointer<Float>
    /// [T, D / 16, N, 16]
    let x: Tensor?
    let ids: [Int32]?
    /// [1, G, N, 16] and [T, G, N, 16]: h before a step is h0 or y of the step before.
    let h0, y: Tensor
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
        let workers = context.workers, scratchSize = (depth + hidden + 1) * 64
        var scratch = Tensor(uninitialized: [workers.count, scratchSize], in: workspace)

        let pass = Pass(
            kernels: context.kernels, layout: layout, steps: steps, lanes: lanes, depth: depth, gates: gates,
            x: x?.pointer, h0: h0.pointer, y: y.pointer, weightIH: result.weightIH.mutablePointer,
            weightHH: result.weightHH.mutablePointer, biasIH: result.biasIH.mutablePointer,
            biasHH: result.biasHH.mutablePointer)
        let block = scratch.mutablePointer, panels = layout.count
        defer { withExtendedLifetime((x, h0, y, scratch)) {} }
        func run(ids: UnsafePointer<Int32>?) {
            workers.run { thread in
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
        let x: UnsafePointer<Float>?
        let h0, y: UnsafePointer<Float>
        let weightIH, weightHH, biasIH, biasHH: UnsafeMutablePointer<Float>

        /// All gradients of one panel, accumulated as [input or hidden unit][64] and then transposed into place.
        func compute(_ panel: Int, ids: UnsafePointer<Int32>?, scratch: UnsafeMutablePointer<Float>) {
            let xSum = scratch, hSum = scratch + depth * 64, bias = hSum + layout.hidden * 64
            bias.update(repeating: 0, count: 64)
            if ids != nil { xSum.update(repeating: 0, count: depth * 64) }
            // Step 0 by itself: h0, before it, lies elsewhere than what is before the others.
            for first in stride(from: -1, to: steps, by: 2) {
                let block = max(0, first)..<min(first + 2, steps)
                for step in block {
                    kernels.sum_and_scatter(
                        gates + (step * layout.count + panel) * lanes * 64, lanes, bias, ids == nil ? nil : xSum, 64,
                        layout.width, ids.map { $0 + step * lanes })
                }
                if let x {
                    let step = (depth + 15) / 16 * lanes * 16
                    product(x + block.lowerBound * step, columns: depth, panel, block, offset: 0, xSum)
                }
                let before = first < 0 ? h0 : y + (first - 1) * layout.groups * lanes * 16
                product(before, columns: layout.hidden, panel, block, offset: layout.hiddenOffset, hSum)
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
            _ values: UnsafePointer<Float>, columns: Int, _ panel: Int, _ block: Range<Int>, offset: Int,
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
            (p.c_row, p.c_vector, p.start_row, p.start_vector) = (64, 16, 64, 16)
            p.groups = block.count
            p.inner = lanes
            p.columns = layout.width
            let nextGates = block.upperBound < steps ? p.b + block.count * p.b_group : nil
            for u in 0..<groups {
                p.a = values + u * lanes * 16
                p.c = sum + u * 16 * 64
                if block.lowerBound > 0 { p.start = UnsafePointer(p.c) }
                p.rows = min(16, columns - u * 16)
                // The next columns of both steps, and meanwhile the gates of the next two.
                let columns = p.a + lanes * 16
                p.prefetch = (
                    columns, columns + p.a_group,
                    u < 4 ? nextGates.map { $0 + u / 2 * p.b_group + u % 2 * lanes * 32 } : nil, nil
                )
                kernels.panel_product(&p)
            }
        }
    }
}
